/** The outputs side by side: their notes, how likely they are, and what to do with them. */

import { DRUMS } from "../music/drums";
import { endOf } from "../music/note";
import {
  areDrums, continueFromShown, likeliest, link, type Result, results, show, shown,
} from "../state/generation";
import { isDrums, model } from "../state/model";
import { inform } from "../state/notices";
import { stop, togglePlay } from "../state/playback";
import { ContinueIcon, DownloadIcon, LinkIcon, PlayIcon } from "./icons";

export function Results() {
  if (!results.value.length) {
    return null;
  }
  return (
    <section class="results" aria-labelledby="results-title">
      <header>
        <h2 id="results-title">Outputs</h2>
        <button type="button" class="tool" onClick={() => void share()}>
          <LinkIcon /><span>Share link</span>
        </button>
      </header>
      <ol>
        {results.value.map((result, index) => (
          <ResultCard key={result.seed} result={result} index={index} />
        ))}
      </ol>
    </section>
  );
}

function ResultCard({ result, index }: { result: Result; index: number }) {
  const isShown = shown.value === index;
  const name = `Output ${index + 1}`;
  return (
    <li class={`card ${isShown ? "shown" : ""}`} aria-label={name}>
      <button
        type="button"
        class="look"
        aria-pressed={isShown}
        onClick={() => {
          stop();
          show(index);
        }}
      >
        <span class="card-title">
          {name}
          {likeliest.value === index && <em>likeliest</em>}
        </span>
        <Thumbnail result={result} />
        <span class="facts">
          <span title="The higher, the more the model expected these notes">
            log-likelihood <b>{result.logLikelihood.toFixed(1)}</b>
          </span>
          <span>seed <b>{result.seed}</b></span>
        </span>
      </button>
      <div class="actions">
        <button
          type="button"
          class="tool"
          aria-label={`Play output ${index + 1}`}
          onClick={() => {
            stop();
            show(index);
            void togglePlay();
          }}
        >
          <PlayIcon /><span>Play</span>
        </button>
        <button
          type="button"
          class="tool"
          aria-label={`Download output ${index + 1} as MIDI`}
          onClick={() => download(result)}
        >
          <DownloadIcon /><span>MIDI</span>
        </button>
        {areDrums.value === isDrums.value && (
          <button
            type="button"
            class="tool"
            aria-label={`Continue from output ${index + 1}`}
            title="Make these the notes to continue"
            onClick={() => {
              stop();
              show(index);
              continueFromShown();
            }}
          >
            <ContinueIcon /><span>Continue</span>
          </button>
        )}
      </div>
    </li>
  );
}

const WIDTH = 240;
const HEIGHT = 48;

/** All notes at a glance. */
function Thumbnail({ result }: { result: Result }) {
  const { notes } = result.sequence;
  const pitches = areDrums.value ? [...DRUMS.keys()].reverse() : notes.map((note) => note.pitch);
  const row = (pitch: number) => (areDrums.value ? Math.max(0, pitches.indexOf(pitch)) : pitch);
  const low = Math.min(...pitches.map(row));
  const rows = Math.max(12, Math.max(...pitches.map(row)) - low + 1);
  const scale = WIDTH / Math.max(1, endOf(notes));
  const height = HEIGHT / rows;
  return (
    <svg class="thumbnail" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {notes.map((note, index) => (
        <rect
          key={index}
          class={note.fromPrimer ? "note primer" : "note continuation"}
          x={note.start * scale}
          y={HEIGHT - (row(note.pitch) - low + 1) * height}
          width={Math.max(1, (note.end - note.start) * scale - 0.5)}
          height={Math.max(1.5, height)}
        />
      ))}
    </svg>
  );
}

function download(result: Result): void {
  const url = URL.createObjectURL(new Blob([result.midi as BlobPart], { type: "audio/midi" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `${model.value}-${result.seed}.mid`;
  anchor.click();
  URL.revokeObjectURL(url);
}

async function share(): Promise<void> {
  try {
    await navigator.clipboard.writeText(link.value);
    inform("The link is copied. Whoever opens it gets these same notes from the same model.");
  } catch {
    // Browsers give pages the clipboard on secure addresses only.
    inform("The address of this page is the link: copy it from the browser's address bar.");
  }
}
