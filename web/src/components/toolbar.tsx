/** The tools above the roll: ways to put notes in. */

import { useRef } from "preact/hooks";

import { shown } from "../state/generation";
import { isDrums } from "../state/model";
import { devices, doing, keysPlay, stop, toggleDevices, toggleRecording } from "../state/playback";
import {
  canUndo, MAX_TEMPO, MIN_TEMPO, noteLength, openFile, replaceNotes, tempo, undo,
} from "../state/primer";
import { ClearIcon, FileIcon, KeysIcon, PlugIcon, RecordIcon, StopIcon, UndoIcon } from "./icons";

const LENGTHS: [steps: number, name: string, words: string][] = [
  [1, "1⁄16", "sixteenth notes"],
  [2, "1⁄8", "eighth notes"],
  [4, "1⁄4", "quarter notes"],
  [8, "1⁄2", "half notes"],
];

export function Toolbar() {
  const file = useRef<HTMLInputElement>(null);
  const recording = doing.value === "recording";
  return (
    <div class="toolbar" role="toolbar" aria-label="Your notes">
      <button
        type="button"
        class={`tool record ${recording ? "on" : ""}`}
        aria-pressed={recording}
        onClick={() => void toggleRecording()}
      >
        {recording ? <StopIcon /> : <RecordIcon />}
        <span>{recording ? "Finish" : "Record"}</span>
      </button>
      <button
        type="button"
        class="tool"
        aria-pressed={keysPlay.value}
        title="Play on the computer's keys: A to L, W to P for the black ones, Z and X for octaves"
        onClick={() => {
          keysPlay.value = !keysPlay.value;
        }}
      >
        <KeysIcon /><span>Keys</span>
      </button>
      <button
        type="button"
        class="tool"
        aria-pressed={devices.value !== null}
        title={devices.value?.join(", ") || "Play on a MIDI device"}
        onClick={() => void toggleDevices()}
      >
        <PlugIcon /><span>MIDI in</span>
      </button>
      <button type="button" class="tool" onClick={() => file.current?.click()}>
        <FileIcon /><span>Open MIDI</span>
      </button>
      <input
        ref={file}
        type="file"
        hidden
        accept=".mid,.midi,audio/midi"
        aria-label="MIDI file"
        onChange={async (event) => {
          const input = event.currentTarget;
          const [chosen] = input.files ?? [];
          if (chosen) {
            await takeFile(chosen);
            input.value = "";
          }
        }}
      />
      <span class="divider" />
      <button
        type="button"
        class="tool"
        aria-label="Undo"
        title="Undo"
        disabled={!canUndo.value}
        onClick={() => {
          stop();
          shown.value = null;
          undo();
        }}
      >
        <UndoIcon />
      </button>
      <button
        type="button"
        class="tool"
        aria-label="Clear the notes"
        title="Clear the notes"
        onClick={() => {
          stop();
          shown.value = null;
          replaceNotes([]);
        }}
      >
        <ClearIcon />
      </button>
      <span class="spring" />
      {!isDrums.value && (
        <fieldset class="segments">
          <legend class="for-screen-readers">Length of the notes you draw</legend>
          {LENGTHS.map(([steps, name, words]) => (
            <label key={steps} title={words}>
              <input
                type="radio"
                name="note-length"
                checked={noteLength.value === steps}
                aria-label={words}
                onChange={() => {
                  noteLength.value = steps;
                }}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      )}
      <label class="field tempo">
        <span>Tempo</span>
        <input
          type="number"
          min={MIN_TEMPO}
          max={MAX_TEMPO}
          value={tempo.value}
          onChange={(event) => {
            const value = event.currentTarget.valueAsNumber;
            if (value >= MIN_TEMPO && value <= MAX_TEMPO) {
              tempo.value = value;
            }
            event.currentTarget.value = String(tempo.value);
          }}
        />
      </label>
    </div>
  );
}

/** Puts a file's notes on the roll. */
export async function takeFile(file: File): Promise<void> {
  stop();
  if (await openFile(file)) {
    shown.value = null;
  }
}
