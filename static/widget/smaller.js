// A photo as it is sent. Cameras make them many times larger than what is compared, and a phone's network is slow.

const FROM_BYTES = 1_500_000;
const SIDE = 2048; // pixels of the longer side: an item of a sixth of it is still as large as networks see it
const QUALITY = 0.9;
const COLOUR = [200, 100, 50];
const MOST_NOISE = 8; // of a colour's 255, which nobody sees

// The file itself where it is small already, or where the browser cannot make it so.
export async function smaller(photo) {
  if (photo.type !== "image/jpeg" || photo.size < FROM_BYTES) return photo;
  const made = await drawn(photo).catch(() => null);
  return made && made.size < photo.size ? new File([made], photo.name, { type: made.type }) : photo;
}

async function drawn(photo) {
  if (!isTold()) return null;
  const picture = await createImageBitmap(photo); // turned as it is meant to be seen
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const context = canvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, context.canvas.width, context.canvas.height);
  picture.close();
  return new Promise((done) => context.canvas.toBlob(done, "image/jpeg", QUALITY));
}

// Some browsers tell pages of any canvas that it is white, or noise, so that they do not know the machine by it.
function isTold() {
  const context = canvas(1, 1);
  context.fillStyle = `rgb(${COLOUR})`;
  context.fillRect(0, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 1, 1);
  return COLOUR.every((value, at) => Math.abs(value - data[at]) <= MOST_NOISE);
}

function canvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
}
