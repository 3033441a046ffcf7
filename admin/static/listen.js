// Plays one turn of a recording, from its first to its last millisecond. Buttons appear only when this runs.
"use strict";

(() => {
  const news = document.getElementById("kabar-suara");
  let current = null; // {audio, button, endS}

  const show = (button, playing) => {
    const name = button.dataset.name;
    button.querySelector(".play-text").textContent = (playing ? "Hentikan " : "Putar ") + name;
    button.classList.toggle("playing", playing);
    button.closest(".turn").classList.toggle("sounding", playing);
  };

  const stop = () => {
    if (!current) return;
    const { audio, button } = current;
    current = null;
    audio.pause();
    show(button, false);
  };

  // timeupdate comes four times a second: too coarse for the end of a word.
  const watch = () => {
    if (!current) return;
    if (current.audio.currentTime >= current.endS) stop();
    else requestAnimationFrame(watch);
  };

  const tell = async (audio) => {
    let words = "Rekaman ini tidak dapat diputar.";
    try {
      const answer = await fetch(audio.src, { headers: { Range: "bytes=0-43" } });
      const type = answer.headers.get("Content-Type") || "";
      if (!answer.ok && type.startsWith("text/plain")) words = await answer.text();
    } catch {
      words = "Rekaman tidak dapat diambil. Periksa sambungan, lalu coba lagi.";
    }
    news.textContent = words;
    news.hidden = false;
  };

  const play = async (button) => {
    const turn = button.closest(".turn");
    const audio = document.getElementById("suara-" + turn.dataset.recording);
    const again = current && current.button === button;
    stop();
    if (again || !audio) return;
    news.hidden = true;
    current = { audio, button, endS: turn.dataset.end / 1000 };
    show(button, true);
    audio.currentTime = turn.dataset.start / 1000;
    try {
      await audio.play();
      watch();
    } catch {
      stop();
    }
  };

  for (const audio of document.querySelectorAll("audio")) {
    audio.addEventListener("error", () => { stop(); tell(audio); });
    audio.addEventListener("ended", stop);
    // Somebody uses the player itself: it goes on past the turn.
    audio.addEventListener("pause", () => { if (current && current.audio === audio) stop(); });
  }
  for (const button of document.querySelectorAll("button.play")) {
    if (!document.getElementById("suara-" + button.closest(".turn").dataset.recording)) continue;
    button.hidden = false;
    button.addEventListener("click", () => play(button));
  }
})();
