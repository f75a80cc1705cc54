/** The roll: notes that are drawn, or an output with them, and the line that moves as it plays. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

import { drumName } from "../music/drums";
import { noteAt, withEnd } from "../music/edit";
import { isBlackKey, pitchName, STEPS_PER_BAR, STEPS_PER_QUARTER } from "../music/note";
import type { OutputNote } from "../music/sequence";
import { areDrums, primerEnd, shown, shownSequence, visible } from "../state/generation";
import { isDrums } from "../state/model";
import { doing, held, preview, stop, togglePlay } from "../state/playback";
import {
  noteLength, notes, remember, setNotes, texture, undo,
} from "../state/primer";
import { beginDrag, type Drag, type Surface, toggle } from "./drawing";
import { Playhead } from "./playhead";
import {
  type Cell, cellAt, type Geometry, heightOf, layOut, widthOf, yOf,
} from "./roll_geometry";

const KEYS_WIDTH = 44;
const DRUM_NAMES_WIDTH = 88;
const RULER_HEIGHT = 26;
const PREVIEW_VELOCITY = 90;

export function PianoRoll() {
  const scroller = useRef<HTMLDivElement>(null);
  const width = useSignal(800);
  const cursor = useSignal<Cell>({ pitch: 60, step: 0 });
  const drag = useRef<Drag & { geometry: Geometry } | null>(null);
  const drums = shown.value === null ? isDrums.value : areDrums.value;
  const side = drums ? DRUM_NAMES_WIDTH : KEYS_WIDTH;
  const [, refresh] = useReducer<number, number>((count) => count + 1, 0);
  const laidOut = useComputed(() => layOut(
    visible.value, shown.value === null ? isDrums.value : areDrums.value, width.value,
    shown.value === null ? 1 : 0)).value;
  // Nothing moves away from under a pointer that draws.
  const geometry = drag.current?.geometry ?? laidOut;
  const surface: Surface = {
    geometry,
    notes: notes.value,
    texture: texture.value,
    drums: isDrums.value,
    length: noteLength.value,
    onBegin() {
      // Whoever draws goes on with their own notes.
      stop();
      shown.value = null;
      remember();
    },
    onChange: setNotes,
    onSound: (pitch) => void preview(pitch, PREVIEW_VELOCITY),
  };

  useLayoutEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => {
      width.value = element.clientWidth - side;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [side]);

  useScrollToNotes(scroller.current, geometry);

  useEffect(() => {
    if (!geometry.rows.includes(cursor.value.pitch)) {
      cursor.value = { pitch: drums ? 36 : 60, step: cursor.value.step };
    }
  }, [drums]);

  const point = (event: MouseEvent): [number, number] => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  return (
    <div class="roll" ref={scroller} data-drums={drums}>
      <div class="roll-corner" />
      <Ruler geometry={geometry} />
      <RowNames geometry={geometry} drums={drums} width={side} />
      <svg
        class="roll-grid"
        width={widthOf(geometry)}
        height={heightOf(geometry)}
        tabindex={0}
        role="application"
        aria-roledescription="piano roll"
        aria-label={`${describe(visible.value)}. Arrow keys move, Enter sets or removes a note, `
          + "Shift with left or right changes its length, Space plays."}
        aria-describedby="roll-cursor"
        onPointerDown={(event) => {
          // Fingers scroll; they draw by tapping, which is a click.
          if (event.pointerType !== "touch" && event.button === 0) {
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { geometry, ...beginDrag(surface, ...point(event)) };
          }
        }}
        onPointerMove={(event) => drag.current?.move(cellAt(geometry, ...point(event)))}
        onPointerUp={() => {
          drag.current?.end();
          drag.current = null;
          refresh(0);
        }}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onClick={(event) => {
          if (event instanceof PointerEvent && event.pointerType === "touch") {
            toggle(surface, cellAt(geometry, ...point(event)));
          }
        }}
        onKeyDown={(event) => {
          const moved = onKey(event, surface, cursor.value);
          if (moved) {
            event.preventDefault();
            cursor.value = moved;
            keepInView(scroller.current!, geometry, moved, side);
          }
        }}
      >
        <Lines geometry={geometry} drums={drums} />
        {visible.value.map((note, index) => (
          <NoteBox key={index} note={note} geometry={geometry} drums={drums} />
        ))}
        {primerEnd.value !== null && shownSequence.value && (
          <line
            class="primer-end"
            x1={primerEnd.value * geometry.stepWidth}
            x2={primerEnd.value * geometry.stepWidth}
            y1={0}
            y2={heightOf(geometry)}
          />
        )}
        <rect
          class="cursor"
          x={cursor.value.step * geometry.stepWidth}
          y={yOf(geometry, cursor.value.pitch)}
          width={geometry.stepWidth}
          height={geometry.rowHeight}
        />
        {doing.value !== "nothing" && <Playhead geometry={geometry} scroller={scroller.current!} />}
      </svg>
      <p id="roll-cursor" class="for-screen-readers" aria-live="polite">
        {cellWords(cursor.value, drums)}
      </p>
    </div>
  );
}

/** What a key does; returns where the cursor is then, or undefined if the key has no meaning. */
function onKey(event: KeyboardEvent, surface: Surface, cursor: Cell): Cell | undefined {
  const { rows, columns } = surface.geometry;
  const row = rows.indexOf(cursor.pitch);
  const to = (rowThere: number, step: number): Cell => ({
    pitch: rows[Math.min(rows.length - 1, Math.max(0, rowThere))]!,
    step: Math.min(columns - 1, Math.max(0, step)),
  });
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "z") {
      undo();
      return cursor;
    }
    return undefined;
  }
  if (event.altKey) {
    return undefined;
  }
  const note = noteAt(surface.notes, cursor.pitch, cursor.step);
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowRight": {
      const by = event.key === "ArrowLeft" ? -1 : 1;
      if (!event.shiftKey) {
        return to(row, cursor.step + by);
      }
      if (note && !surface.drums) {
        surface.onBegin();
        surface.onChange(withEnd(surface.notes, note, note.end + by, surface.texture, 1));
      }
      return cursor;
    }
    case "ArrowUp":
      return to(row - 1, cursor.step);
    case "ArrowDown":
      return to(row + 1, cursor.step);
    case "PageUp":
      return to(row - 12, cursor.step);
    case "PageDown":
      return to(row + 12, cursor.step);
    case "Home":
      return to(row, 0);
    case "End":
      return to(row, columns - 1);
    case " ":
      void togglePlay();
      return cursor;
    case "Enter":
      toggle(surface, cursor);
      return cursor;
    case "Delete":
    case "Backspace":
      if (note) {
        toggle(surface, cursor);
      }
      return cursor;
    default:
      return undefined;
  }
}

function NoteBox({ note, geometry, drums }: {
  note: OutputNote; geometry: Geometry; drums: boolean;
}) {
  const x = note.start * geometry.stepWidth;
  const width = drums
    ? geometry.stepWidth : Math.max(2, (note.end - note.start) * geometry.stepWidth);
  const inset = drums ? 3 : 1;
  return (
    <rect
      class={note.fromPrimer ? "note primer" : "note continuation"}
      data-pitch={note.pitch}
      data-start={note.start}
      data-end={note.end}
      x={x + 0.5}
      y={yOf(geometry, note.pitch) + inset}
      width={Math.max(1.5, width - 1.5)}
      height={geometry.rowHeight - 2 * inset}
      rx={3}
    />
  );
}

function Lines({ geometry, drums }: { geometry: Geometry; drums: boolean }) {
  const { rows, columns, stepWidth, rowHeight } = geometry;
  const [width, height] = [widthOf(geometry), heightOf(geometry)];
  const steps = Array.from({ length: columns }, (_, step) => step);
  return (
    <g aria-hidden="true">
      {rows.map((pitch, row) => (
        <rect
          key={pitch}
          class={drums ? (row % 2 ? "row" : "row dark")
            : `row ${isBlackKey(pitch) ? "dark" : ""} ${pitch % 12 === 0 ? "octave" : ""}`}
          x={0}
          y={row * rowHeight}
          width={width}
          height={rowHeight}
        />
      ))}
      {steps.map((step) => (
        <line
          key={step}
          class={step % STEPS_PER_BAR === 0 ? "bar" : step % STEPS_PER_QUARTER === 0 ? "beat" : "step"}
          x1={step * stepWidth}
          x2={step * stepWidth}
          y1={0}
          y2={height}
        />
      ))}
    </g>
  );
}

function Ruler({ geometry }: { geometry: Geometry }) {
  const { columns, stepWidth } = geometry;
  const bars = Array.from({ length: columns / STEPS_PER_BAR }, (_, bar) => bar);
  // Numbers that would lie over each other are left out.
  const every = Math.ceil(34 / (STEPS_PER_BAR * stepWidth));
  const chords = shownSequence.value?.chords ?? [];
  return (
    <svg class="roll-ruler" width={widthOf(geometry)} height={RULER_HEIGHT} aria-hidden="true">
      {bars.filter((bar) => bar % every === 0).map((bar) => (
        <g key={bar}>
          <line
            class="bar"
            x1={bar * STEPS_PER_BAR * stepWidth}
            x2={bar * STEPS_PER_BAR * stepWidth}
            y1={0}
            y2={RULER_HEIGHT}
          />
          <text x={bar * STEPS_PER_BAR * stepWidth + 6} y={17}>{bar + 1}</text>
        </g>
      ))}
      {chords.map(({ step, symbol }) => (
        <text key={step} class="chord" x={step * stepWidth + 24} y={17}>{symbol}</text>
      ))}
    </svg>
  );
}

function RowNames({ geometry, drums, width }: {
  geometry: Geometry; drums: boolean; width: number;
}) {
  const { rows, rowHeight } = geometry;
  return (
    <svg
      class="roll-names"
      width={width}
      height={heightOf(geometry)}
      aria-hidden="true"
      onPointerDown={(event) => {
        const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
        void preview(cellAt(geometry, 0, y).pitch, PREVIEW_VELOCITY);
      }}
    >
      {rows.map((pitch, row) => {
        const look = drums ? "drum" : isBlackKey(pitch) ? "black key" : "white key";
        return (
          <g key={pitch} class={`${look} ${held.value.has(pitch) ? "held" : ""}`}>
            <rect
              x={0}
              y={row * rowHeight}
              width={look === "black key" ? width * 0.62 : width}
              height={rowHeight - (drums ? 0 : 0.5)}
            />
            {(drums || pitch % 12 === 0) && (
              <text x={width - 6} y={row * rowHeight + rowHeight / 2 + 4}>
                {drums ? drumName(pitch) : pitchName(pitch)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** Shows the rows of the notes when other notes are on the roll. */
function useScrollToNotes(scroller: HTMLDivElement | null, geometry: Geometry): void {
  useEffect(() => {
    if (scroller) {
      const rows = visible.value.map((note) => geometry.rows.indexOf(note.pitch));
      const middle = rows.length
        ? (Math.min(...rows) + Math.max(...rows) + 1) / 2 : geometry.rows.indexOf(64);
      scroller.scrollTop = middle * geometry.rowHeight
        - (scroller.clientHeight - RULER_HEIGHT) / 2;
      scroller.scrollLeft = 0;
    }
  }, [scroller, shownSequence.value, geometry.rows.length]);
}

function keepInView(scroller: HTMLDivElement, geometry: Geometry, cell: Cell, side: number): void {
  const y = yOf(geometry, cell.pitch);
  const x = cell.step * geometry.stepWidth;
  const [height, width] = [scroller.clientHeight - RULER_HEIGHT, scroller.clientWidth - side];
  if (y < scroller.scrollTop || y + geometry.rowHeight > scroller.scrollTop + height) {
    scroller.scrollTop = y - height / 2;
  }
  if (x < scroller.scrollLeft || x + geometry.stepWidth > scroller.scrollLeft + width) {
    scroller.scrollLeft = x - width / 2;
  }
}

function describe(all: readonly OutputNote[]): string {
  const primer = all.filter((note) => note.fromPrimer).length;
  const made = all.length - primer;
  return `${primer} notes to continue${made ? `, ${made} notes of the model` : ""}`;
}

function cellWords({ pitch, step }: Cell, drums: boolean): string {
  const note = noteAt(visible.value, pitch, step);
  const bar = Math.floor(step / STEPS_PER_BAR) + 1;
  const beat = Math.floor((step % STEPS_PER_BAR) / STEPS_PER_QUARTER) + 1;
  const sixteenth = (step % STEPS_PER_QUARTER) + 1;
  const name = drums ? drumName(pitch) : pitchName(pitch);
  return `${name}, bar ${bar}, beat ${beat}, sixteenth ${sixteenth}`
    + (note ? `: a note of ${Math.round((note.end - note.start) * 100) / 100} steps` : "");
}
