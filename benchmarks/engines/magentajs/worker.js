// Runs Magenta.js for magentajs.py: reads one JSON request a line, answers each with a line.
//   {"method": "load", "folder": FOLDER}   a checkpoint of Magenta.js
//   {"method": "generate", "primer": [[pitch, start step, end step]], "primer_steps": N,
//    "steps": N, "chords": ["C", ...]}     -> {"probabilities": [[...]]} with "probabilities": true
'use strict';

const fs = require('fs');
const http = require('http');
const path = require('path');
const readline = require('readline');
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');

// With it, this release of the backend would fetch the WebAssembly; Node's fetch reads no files.
delete globalThis.fetch;

// The one operation of a step that this backend lacks.
tf.registerKernel({
  kernelName: 'Multinomial',
  backendName: 'wasm',
  kernelFunc: ({inputs, attrs, backend}) => {
    const {logits} = inputs;
    const [rows, classes] = logits.shape;
    const values = backend.readSync(logits.dataId);
    const drawn = new Int32Array(rows * attrs.numSamples);
    for (let row = 0; row < rows; ++row) {
      const own = values.subarray(row * classes, (row + 1) * classes);
      const largest = Math.max(...own);
      const weights = Array.from(own, (logit) => Math.exp(logit - largest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let sample = 0; sample < attrs.numSamples; ++sample) {
        let rest = Math.random() * total;
        let index = 0;
        while (index < classes - 1 && (rest -= weights[index]) >= 0) ++index;
        drawn[row * attrs.numSamples + sample] = index;
      }
    }
    return backend.makeOutput([rows, attrs.numSamples], 'int32', undefined, drawn);
  },
});

let model = null;

const methods = {
  async load({folder}) {
    const {MusicRNN} = require('@magenta/music/node/music_rnn');
    if (model) model.dispose();
    // Checkpoints are fetched, as in a browser.
    const files = http.createServer((request, response) => {
      fs.createReadStream(path.join(folder, path.basename(request.url))).pipe(response);
    });
    await new Promise((resolve) => files.listen(0, '127.0.0.1', resolve));
    try {
      model = new MusicRNN(`http://127.0.0.1:${files.address().port}`);
      await model.initialize();
    } finally {
      files.close();
    }
    return {};
  },

  async generate({primer, primer_steps, steps, chords, probabilities}) {
    const sequence = {
      quantizationInfo: {stepsPerQuarter: 4},
      tempos: [{time: 0, qpm: 120}],
      notes: primer.map(([pitch, start, end]) => ({
        pitch, velocity: 100, quantizedStartStep: start, quantizedEndStep: end,
      })),
      totalQuantizedSteps: primer_steps,
    };
    if (!probabilities) {
      await model.continueSequence(sequence, steps, 1.0, chords);
      return {};
    }
    const result =
        await model.continueSequenceAndReturnProbabilities(sequence, steps, 1.0, chords);
    return {probabilities: result.probs.map((row) => Array.from(row))};
  },
};

async function main() {
  console.log = console.error;  // Answers alone go to stdout.
  wasm.setWasmPaths(path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  await tf.setBackend(process.argv[2]);
  await tf.ready();
  process.stdout.write(JSON.stringify({backend: tf.getBackend()}) + '\n');
  for await (const line of readline.createInterface({input: process.stdin})) {
    let answer;
    try {
      const request = JSON.parse(line);
      answer = await methods[request.method](request);
    } catch (error) {
      answer = {error: String(error.stack || error)};
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
}

main();
