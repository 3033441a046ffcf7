// How a report stands, read out when somebody asks for it: nothing sounds by itself.
const button = document.querySelector("#bacakan");
const sound = document.querySelector("#suara");
if (button && sound) {
  const [read, stop] = [button.textContent, button.dataset.stop];
  button.hidden = false;
  button.addEventListener("click", () => {
    if (sound.paused) sound.play();
    else sound.pause();
  });
  const tell = () => {
    button.textContent = sound.paused ? read : stop;
  };
  sound.addEventListener("play", tell);
  sound.addEventListener("pause", () => {
    sound.currentTime = 0;
    tell();
  });
}
