// How <visual-search> looks: its button, its dialog, the photo with its items.

import { sheet } from "./shared.js";

export const STYLES = sheet(`
:host { display: inline-block; }
:host([inline]:not([hidden])) { display: block; }
[hidden] { display: none !important; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linejoin: round; stroke-linecap: round; }
.camera, .round {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 0.5em;
  min-width: 48px;
  min-height: 48px;
  padding: 0 12px;
  border: 0;
  border-radius: 999px;
  background: none;
  white-space: nowrap;
}
.camera:hover, .round:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
dialog {
  width: min(64em, 100vw - 2em);
  max-width: none;
  max-height: calc(100dvh - 2em);
  padding: 0;
  border: 0;
  border-radius: calc(var(--radius) * 1.5);
  overscroll-behavior: contain;
  box-shadow: 0 1em 4em rgb(0 0 0 / 0.35);
  /* It is a page of its own: what a shop's header says of its one line is not for it. */
  font-size: medium;
  font-style: normal;
  font-weight: normal;
  line-height: 1.4;
  letter-spacing: normal;
  text-align: start;
  text-indent: 0;
  text-shadow: none;
  text-transform: none;
  white-space: normal;
  word-spacing: normal;
  pointer-events: auto;
}
dialog, :host([inline]) section { background: var(--vs-surface, Canvas); color: var(--vs-ink, CanvasText); }
dialog::backdrop { background: rgb(0 0 0 / 0.5); }
.panel { --edge: clamp(1em, 3vw, 1.75em); min-height: 100%; padding: 0 var(--edge) var(--edge); }
.head {
  position: sticky;
  top: 0;
  z-index: 1;
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 1em;
  padding: 0.75em 0;
  background: var(--vs-surface, Canvas);
}
.head h2 { margin: 0; }
:host([inline]) .panel { padding: 0; }
:host([inline]) .head { position: static; padding-top: 0; }
:host([inline]) .head:has(:empty) { display: none; }
.body { display: grid; gap: var(--gap) 2em; align-items: start; }
.asked { display: grid; gap: 0.75em; justify-items: center; min-width: 0; }
.drop {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75em;
  align-items: center;
  justify-content: center;
  width: 100%;
  padding: 1.5em 1em;
  border: 2px dashed var(--line);
  border-radius: var(--radius);
}
.drop p { width: 100%; margin: 0; text-align: center; }
[data-over] .drop { border-color: var(--accent); background: color-mix(in srgb, var(--accent) 10%, transparent); }
.photo:not([hidden]) + .drop { gap: 0.5em; padding: 0; border-color: transparent; }
.pill {
  min-height: 44px;
  padding: 0.5em 1.1em;
  border: 1px solid var(--accent);
  border-radius: 999px;
  background: var(--accent);
  color: var(--accent-ink);
  font-weight: 600;
}
.pill.quiet { background: none; color: inherit; }
.photo { position: relative; max-width: 100%; line-height: 0; overflow: hidden; border-radius: var(--radius); }
canvas { max-width: 100%; max-height: 38vh; }
.marks { position: absolute; inset: 0; margin: 0; padding: 0; list-style: none; line-height: 1.2; }
.marks li { position: absolute; }
.marks li:has(.whole) { right: 8px; bottom: 8px; }
.mark {
  width: 34px;
  height: 34px;
  padding: 0;
  transform: translate(-50%, -50%);
  border: 9px solid transparent;
  border-radius: 50%;
  background: #fff padding-box;
  filter: drop-shadow(0 0 3px rgb(0 0 0 / 0.8));
}
.mark:hover, .mark[aria-pressed="true"] { border-width: 6px; background-color: #ffd37a; }
.whole { min-height: 28px; padding: 0.2em 0.75em; border: 0; border-radius: 999px; background: rgb(0 0 0 / 0.75); color: #fff; font-size: 0.85em; }
.whole:hover, .whole[aria-pressed="true"] { background: #ffd37a; color: #1d2322; }
.photo :focus-visible { outline: 3px solid #fff; outline-offset: -3px; box-shadow: 0 0 0 3px #000; }
.frame { position: absolute; border: 3px solid #ffd37a; border-radius: 6px; box-shadow: 0 0 0 100vmax rgb(0 0 0 / 0.28); pointer-events: none; }
.status { min-height: 1.5em; margin: 0 0 0.75em; }
.status[data-problem] { color: var(--vs-alert, light-dark(#a3321f, #ff9d8a)); font-weight: 600; }
[data-busy] .results { opacity: 0.5; }
[data-busy] .photo::after {
  content: "";
  position: absolute;
  inset: 0;
  pointer-events: none;
  background: linear-gradient(transparent 40%, rgb(255 255 255 / 0.55) 50%, transparent 60%) 0 0 / 100% 250%;
  animation: scan 1.2s linear infinite;
}
@keyframes scan { from { background-position: 0 100%; } to { background-position: 0 0; } }
@media (prefers-reduced-motion: reduce) { [data-busy] .photo::after { animation: none; } }
@media not (pointer: coarse) { .finger { display: none; } }
@media (pointer: coarse) { .mouse { display: none; } }
@media (min-width: 48rem) { .body:has(.photo:not([hidden])) { grid-template-columns: minmax(14em, 20em) 1fr; } }
@media (max-width: 40rem) {
  dialog { width: 100vw; max-height: 100dvh; height: 100dvh; margin: 0; border-radius: 0; }
}
`);
