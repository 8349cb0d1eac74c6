// A photo as it is sent. Cameras make them many times larger than what is compared, and a phone's network is slow.

const FROM_BYTES = 1_500_000;
const SIDE = 2048; // pixels of the longer side: an item of a sixth of it is still as large as networks see it
const QUALITY = 0.9;

// The file itself where it is small already, or where the browser cannot make it so.
export async function smaller(photo) {
  if (photo.type !== "image/jpeg" || photo.size < FROM_BYTES) return photo;
  const picture = await createImageBitmap(photo).catch(() => null); // turned as it is meant to be seen
  if (!picture) return photo;
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return made && made.size < photo.size ? new File([made], photo.name, { type: made.type }) : photo;
}
