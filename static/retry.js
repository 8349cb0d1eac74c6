// A page that the server was too busy for asks again by itself, unless it is told not to.

const line = document.querySelector("[data-retry]");
const stop = document.querySelector("[data-stop]");
let seconds = Number(line.dataset.retry);

tell();
const clock = setInterval(() => {
  seconds -= 1;
  if (seconds > 0) return tell();
  clearInterval(clock);
  location.reload();
}, 1000);
stop.hidden = false;
stop.addEventListener("click", () => {
  clearInterval(clock);
  line.textContent = line.dataset.stopped;
  stop.hidden = true;
});

function tell() {
  line.textContent = line.dataset.counting.replace("{seconds}", seconds);
}
