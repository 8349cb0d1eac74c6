// Taking a photo in the page: live, taken, used or taken again. Where there is no camera to be
// had, the dialog says why and leads to the files. Without this file the plain form is there.

import { CameraStream, reason } from "./camera-stream.js";
import { send } from "./upload.js";

const QUALITY = 0.92;

for (const dialog of document.querySelectorAll("[data-camera]")) enliven(dialog);

function enliven(dialog) {
  const form = dialog.previousElementSibling;
  const field = form.querySelector("input[type=file]");
  const opener = form.querySelector("[data-take]");
  const video = dialog.querySelector("video");
  const canvas = dialog.querySelector("canvas");
  const turner = dialog.querySelector("[data-do=turn]");
  const app = dialog.querySelector("[type=file]");
  const camera = new CameraStream();
  const words = dialog.dataset; // in templates/_camera.html
  let state = "closed";

  const actions = {
    close: () => dialog.close(),
    shoot,
    turn: async () => start(await camera.next()),
    use: () => canvas.toBlob(use, "image/jpeg", QUALITY),
    retake: () => (camera.isOn ? become("live", words.live) : start()),
    choose: () => {
      dialog.close();
      field.click();
    },
  };

  opener.addEventListener("click", () => {
    dialog.showModal();
    start();
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close(); // the backdrop
    else actions[target.closest("[data-do]")?.dataset.do]?.();
  });
  dialog.addEventListener("close", () => {
    camera.stop();
    video.srcObject = null;
    state = "closed";
  });
  app.addEventListener("change", () => {
    if (app.files.length) use(app.files[0]);
  });
  window.addEventListener("pagehide", () => dialog.close());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) camera.stop();
    else if (state === "live" || state === "starting") start();
  });

  async function start(deviceId) {
    become("starting", words.starting);
    try {
      const stream = await camera.start(deviceId);
      if (stream) await live(stream);
    } catch (error) {
      refuse(words[reason(error)]);
    }
  }

  async function live(stream) {
    stream.getVideoTracks()[0].addEventListener("ended", lose);
    video.srcObject = stream;
    await video.play().catch(() => null); // another picture took its place
    const other = await camera.next();
    if (!stream.active) return;
    become("live", words.live);
    turner.hidden = !other;
  }

  function lose() {
    if (state !== "taken") refuse(words.ended);
  }

  function shoot() {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    become("taken", words.taken);
  }

  function use(photo) {
    dialog.close();
    send(form, field, [new File([photo], "photo.jpg", { type: photo.type })]);
  }

  function refuse(why) {
    camera.stop();
    become("refused", why);
  }

  function become(next, line) {
    state = next;
    for (const part of dialog.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(next);
    dialog.querySelector("[data-status]").textContent = line;
    dialog.querySelector(`button[data-when~=${next}]`)?.focus();
  }
}
