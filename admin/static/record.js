// Records an announcement into the form's file field, as a WAV file. Without this script a file can still be chosen.
"use strict";

(() => {
  const RATE = 16000; // samples a second: twice what a telephone carries
  const LONGEST_S = 30;
  const box = document.getElementById("merekam");
  const field = document.getElementById("rekaman");
  const catchUrl = document.currentScript.dataset.catch;
  if (!box || !navigator.mediaDevices || !window.AudioWorkletNode) return;

  const button = Object.assign(document.createElement("button"), { type: "button", className: "plain" });
  const news = Object.assign(document.createElement("p"), { className: "hint" });
  const player = Object.assign(document.createElement("audio"), { controls: true, hidden: true });
  news.setAttribute("role", "status");
  player.setAttribute("aria-label", "Rekaman Anda");
  box.append(button, news, player);
  let running = null; // {context, stream, pieces, timer}

  const show = (words) => {
    button.textContent = running ? "Berhenti merekam" : field.files.length ? "Rekam ulang" : "Rekam sekarang";
    news.textContent = words;
  };

  const wav = (pieces) => {
    const count = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const view = new DataView(new ArrayBuffer(44 + 2 * count));
    const write = (at, text) => [...text].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
    write(0, "RIFF");
    view.setUint32(4, 36 + 2 * count, true);
    write(8, "WAVEfmt ");
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true); // PCM
    view.setUint16(22, 1, true); // one channel
    view.setUint32(24, RATE, true);
    view.setUint32(28, 2 * RATE, true);
    view.setUint16(32, 2, true);
    view.setUint16(34, 16, true);
    write(36, "data");
    view.setUint32(40, 2 * count, true);
    let at = 44;
    for (const piece of pieces) {
      for (const sample of piece) {
        view.setInt16(at, Math.round(32767 * Math.max(-1, Math.min(1, sample))), true);
        at += 2;
      }
    }
    return new File([view.buffer], "pengumuman.wav", { type: "audio/wav" });
  };

  const stop = async () => {
    const { context, stream, pieces, timer } = running;
    running = null;
    clearTimeout(timer);
    stream.getTracks().forEach((track) => track.stop());
    await context.close();
    const file = wav(pieces);
    const files = new DataTransfer();
    files.items.add(file);
    field.files = files.files;
    offer(file, "Rekaman siap. Dengarkan dahulu, lalu umumkan.");
  };

  const offer = (file, words) => {
    URL.revokeObjectURL(player.src);
    player.src = URL.createObjectURL(file);
    player.hidden = false;
    show(words);
  };

  const start = async () => {
    const pieces = [];
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const context = new AudioContext({ sampleRate: RATE });
    await context.audioWorklet.addModule(catchUrl);
    const caught = new AudioWorkletNode(context, "catch", { numberOfOutputs: 0 });
    caught.port.onmessage = (message) => pieces.push(message.data);
    context.createMediaStreamSource(stream).connect(caught);
    running = { context, stream, pieces, timer: setTimeout(stop, 1000 * (LONGEST_S - 1)) };
    show("Sedang merekam. Bacakan kalimatnya sekarang.");
  };

  button.addEventListener("click", async () => {
    try {
      await (running ? stop() : start());
    } catch {
      show("Mikrofon tidak dapat dipakai. Izinkan mikrofon di peramban, atau pilih berkas WAV.");
    }
  });
  field.addEventListener("change", () => {
    if (field.files.length) offer(field.files[0], "Berkas dipilih. Dengarkan dahulu, lalu umumkan.");
  });
  show("");
})();
