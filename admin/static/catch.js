// Hands the microphone's samples, as they come, to record.js. Runs on the audio thread.
"use strict";

class Catch extends AudioWorkletProcessor {
  process([input]) {
    if (input[0]) this.port.postMessage(input[0].slice());
    return true;
  }
}

registerProcessor("catch", Catch);
