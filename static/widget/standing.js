// Whether a dialog can be used where it stands: a page may hide what holds it, or make that inert.

// Leaves a dialog that would hold the page unseen, as in a menu that closed behind the shopper, or dead.
export class Standing {
  #dialog = null;
  #leave;
  #check = () => isOfUse(this.#dialog) || this.#leave();
  #seen = new IntersectionObserver(this.#check);
  #inert = new MutationObserver(this.#check);

  constructor(leave) {
    this.#leave = leave;
  }

  watch(dialog) {
    this.end();
    this.#dialog = dialog;
    this.#seen.observe(dialog);
    const roots = [...upwards(dialog)].filter((node) => !node.parentNode);
    for (const root of roots) this.#inert.observe(root, { attributeFilter: ["inert"], subtree: true });
  }

  end() {
    this.#seen.disconnect();
    this.#inert.disconnect();
  }
}

function isOfUse(dialog) {
  return dialog.checkVisibility() && ![...upwards(dialog)].some((node) => node.inert);
}

// A node and all that it is shown in, by way of slots and out of components.
function* upwards(node) {
  for (; node; node = node.assignedSlot ?? node.parentNode ?? node.host) yield node;
}
