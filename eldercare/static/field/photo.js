// A photo as it is kept: upright, at most so many pixels and bytes, with time and place written into the picture.
import { sha256 } from "./canonical.js";
import { dayOf, timeOf } from "./clock.js";
import { day, t } from "./words.js";

const QUALITIES = [0.86, 0.78, 0.7, 0.6, 0.5, 0.4];
const THUMB = 192;

function canvasOf(w, h) {
  const canvas = document.createElement("canvas");
  canvas.width = w;
  canvas.height = h;
  return canvas;
}
const jpeg = (canvas, quality) => new Promise((done, failed) =>
  canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/jpeg", quality));

function drawn(picture, most) {
  const scale = Math.min(1, most / Math.max(picture.width, picture.height));
  const canvas = canvasOf(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // what is transparent would become black
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function stamp(canvas, lines) {
  const pen = canvas.getContext("2d");
  let size = Math.max(12, Math.round(Math.max(canvas.width, canvas.height) / 60));
  const font = () => (pen.font = `600 ${size}px "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif`);
  font();
  while (size > 9 && lines.some((line) => pen.measureText(line).width > canvas.width - 2 * size)) {
    size -= 1;
    font();
  }
  const high = Math.round(size * 1.45);
  const top = canvas.height - high * lines.length - size * 0.6;
  pen.fillStyle = "rgb(0 0 0 / 62%)";
  pen.fillRect(0, top, canvas.width, canvas.height - top);
  pen.fillStyle = "#fff";
  pen.textBaseline = "top";
  lines.forEach((line, n) => pen.fillText(line, size * 0.8, top + size * 0.45 + n * high));
}

// raw {data, at, place, words} → {photo: {sha256, taken_at, lat, lon, accuracy, w, h, bytes, thumb}, data}
export async function take({ data: file, at, place, words }, { px = 2000, bytes = 500_000 }) {
  const picture = await createImageBitmap(new Blob([file]), { imageOrientation: "from-image" });
  const where = place ? `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)} \u00b1${place.accuracy} m` : t("noPosition");
  const lines = [`${day(dayOf(at))} ${timeOf(at)}  ${where}`, words];
  for (let most = Math.min(px, Math.max(picture.width, picture.height)); ; most = Math.round(most * 0.8)) {
    const canvas = drawn(picture, most);
    stamp(canvas, lines);
    const blob = await within(canvas, bytes);
    if (!blob) continue;
    picture.close();
    const data = await blob.arrayBuffer();
    const photo = {
      sha256: await sha256(data), taken_at: at, lat: place?.lat ?? null, lon: place?.lon ?? null, accuracy: place?.accuracy ?? null,
      w: canvas.width, h: canvas.height, bytes: data.byteLength, thumb: drawn(canvas, THUMB).toDataURL("image/jpeg", 0.7),
    };
    return { photo, data };
  }
}

// The best quality that stays within so many bytes; far too large goes down by two steps at once.
async function within(canvas, bytes) {
  for (let n = 0; n < QUALITIES.length;) {
    const blob = await jpeg(canvas, QUALITIES[n]);
    if (blob.size <= bytes) return blob;
    n += blob.size > bytes * 1.7 ? 2 : 1;
  }
  return null;
}

// what a record says of a photo
export const told = ({ sha256: hash, taken_at, lat, lon, accuracy }) => ({ sha256: hash, taken_at, lat, lon, accuracy });
