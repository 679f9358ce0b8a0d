// A photo made smaller, as the form asks, with what the camera wrote about it kept.

const JPEG = "image/jpeg";
const QUALITY = 0.85;
const START = 0xffd8;
const APP1 = 0xffe1;
const EXIF = "Exif\0\0";

/** Return a picture of at most `most` pixels on its longer side; others as they are. */
export async function smaller(file, most) {
  if (most === null || file.type !== JPEG) return file;
  // The pixels stay as the camera laid them; its own note says how to turn them.
  const picture = await createImageBitmap(file, { imageOrientation: "none" });
  const scale = most / Math.max(picture.width, picture.height);
  if (scale >= 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise((resolve) => canvas.toBlob(resolve, JPEG, QUALITY));
  const note = noteIn(new DataView(await file.arrayBuffer()));
  const pieces = note ? [made.slice(0, 2), note, made.slice(2)] : [made];
  return new File(pieces, file.name, { type: JPEG });
}

// The segment with place and time, as it stands in the original.
function noteIn(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== START) return null;
  let at = 2;
  while (at + 10 < view.byteLength) {
    const mark = view.getUint16(at);
    const length = view.getUint16(at + 2) + 2;
    if (mark < 0xffc0 || mark === 0xffda || length < 4) return null;
    const name = String.fromCharCode(...new Uint8Array(view.buffer, at + 4, 6));
    if (mark === APP1 && name === EXIF) return view.buffer.slice(at, at + length);
    at += length;
  }
  return null;
}
