// The device's cameras: one is on at a time, and only while it is wanted.

export class CameraStream {
  #stream = null;
  #turns = 0;

  get isOn() {
    return Boolean(this.#stream?.active);
  }

  // The live picture; null where it was stopped before it came. Throws what getUserMedia throws.
  async start(deviceId) {
    this.stop();
    const turn = this.#turns;
    if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "InsecureContextError");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: wanted(deviceId), audio: false });
      if (turn === this.#turns) return (this.#stream = stream);
      end(stream);
    } catch (error) {
      if (turn === this.#turns) throw error;
    }
    return null;
  }

  stop() {
    this.#turns += 1;
    if (this.#stream) end(this.#stream);
    this.#stream = null;
  }

  // The camera after this one; undefined where there is no other.
  async next() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput").map((camera) => camera.deviceId);
    const current = this.#stream?.getVideoTracks()[0].getSettings().deviceId;
    return cameras.length > 1 ? cameras[(cameras.indexOf(current) + 1) % cameras.length] : undefined;
  }
}

// Why there is no picture, as the name of what to say.
export function reason(error) {
  return REASONS[error.name] ?? "broken";
}

const REASONS = {
  InsecureContextError: "insecure",
  NotAllowedError: "notAllowed",
  NotFoundError: "notFound",
  NotReadableError: "inUse",
  AbortError: "inUse",
};

function wanted(deviceId) {
  const size = { width: { ideal: 1920 }, height: { ideal: 1440 } };
  return deviceId ? { ...size, deviceId: { exact: deviceId } } : { ...size, facingMode: { ideal: "environment" } };
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}
