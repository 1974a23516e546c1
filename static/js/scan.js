// The field of the scanner: it has the focus, and the camera fills it where the browser reads bar codes.
(() => {
  "use strict";

  const field = document.querySelector("[data-scan]");
  if (!field) return;
  const form = field.form;

  // A hand scanner types like a keyboard, wherever the focus is.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, button, a, summary");
    if (!typing && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
  });

  const button = document.querySelector("[data-camera]");
  const view = document.querySelector("[data-camera-view]");
  const picture = document.querySelector("[data-camera-picture]");
  const refused = document.querySelector("[data-camera-refused]");
  if (!button || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  button.hidden = false;

  let stream = null;
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    view.hidden = true;
  };

  const look = async (detector) => {
    if (!stream) return;
    const [code] = await detector.detect(picture).catch(() => []);
    if (!code) {
      requestAnimationFrame(() => look(detector));
      return;
    }
    stop();
    field.value = code.rawValue;
    form.requestSubmit();
  };

  button.addEventListener("click", async () => {
    if (stream) {
      stop();
      return;
    }
    try {
      const known = await BarcodeDetector.getSupportedFormats();
      const formats = ["code_128", "data_matrix", "qr_code"].filter((format) => known.includes(format));
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      picture.srcObject = stream;
      view.hidden = false;
      await picture.play();
      look(new BarcodeDetector({ formats }));
    } catch {
      stop();
      refused.hidden = false;
    }
  });
  addEventListener("pagehide", stop);
})();
