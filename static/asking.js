// Asks the server, and says why an answer is late: a slow network, none at all, a busy server.
// It asks again by itself where that helps. The words are in templates/_waiting.html.

const SLOW_MS = 4000;
const MOST_TRIES = 8;
const LONGEST_S = 120;
const BUSY = [429, 503]; // too many requests: of this shopper, of all

export const waiting = document.getElementById("waiting");
const words = waiting.dataset;

// Options are those of fetch, and `tell`, which shows a line of words.
export async function ask(address, { tell, ...options }) {
  const slow = setTimeout(() => tell(words.slow), SLOW_MS);
  try {
    for (let tries = 1; ; tries += 1) {
      const response = await answered(address, options, tell);
      const seconds = Number(response.headers.get("Retry-After") ?? NaN);
      if (!BUSY.includes(response.status) || !(seconds <= LONGEST_S) || tries === MOST_TRIES) return response;
      clearTimeout(slow);
      tell(words.busy.replace("{seconds}", seconds));
      await pause(seconds * 1000, options.signal);
    }
  } finally {
    clearTimeout(slow);
  }
}

// What to say of an error that `ask` raised; nothing of one that was wanted.
export function reasonOf(error) {
  return error.name === "AbortError" ? "" : words.unreachable;
}

async function answered(address, options, tell) {
  for (;;) {
    try {
      return await fetch(address, options);
    } catch (error) {
      if (error.name === "AbortError" || navigator.onLine) throw error;
      tell(words.offline);
      await online(options.signal);
    }
  }
}

function online(signal) {
  return settled(signal, (done) => window.addEventListener("online", done, { once: true }));
}

function pause(ms, signal) {
  return settled(signal, (done) => setTimeout(done, ms));
}

function settled(signal, begin) {
  return new Promise((done, fail) => {
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    begin(done);
  });
}
