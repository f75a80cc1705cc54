/** Drawing on the roll with a mouse, a pen or a finger. */

import { noteAt, type Texture, withEnd, withNote, without } from "../music/edit";
import { DEFAULT_VELOCITY, type Note } from "../music/note";
import { type Cell, cellAt, type Geometry } from "./roll_geometry";

/** What is drawn on. */
export interface Surface {
  readonly geometry: Geometry;
  readonly notes: readonly Note[];
  readonly texture: Texture;
  readonly drums: boolean;
  /** Steps that a new note lasts. */
  readonly length: number;
  /** Called before the first change of a drag. */
  onBegin(): void;
  onChange(notes: Note[]): void;
  /** A note is put somewhere. */
  onSound(pitch: number): void;
}

/** A drag with the button held down. */
export interface Drag {
  move(cell: Cell): void;
  end(): void;
}

/** The part of a note, from its end, that changes its length. */
const HANDLE_PIXELS = 8;

/** Begins to draw at a point of the grid, in pixels: on a note takes it, else makes one. */
export function beginDrag(surface: Surface, x: number, y: number): Drag {
  const { geometry, notes, texture } = surface;
  const cell = cellAt(geometry, x, y);
  const note = noteAt(notes, cell.pitch, cell.step);
  surface.onBegin();
  if (surface.drums) {
    return paintDrums(surface, cell, note);
  }
  if (!note) {
    const start = Math.floor(cell.step);
    const drawn = noteFrom(cell.pitch, start, surface.length);
    surface.onChange(withNote(notes, drawn, texture));
    surface.onSound(cell.pitch);
    return {
      move: ({ step }) => surface.onChange(withEnd(
        notes, drawn, Math.max(start + surface.length, Math.ceil(step)), texture, 1)),
      end: () => undefined,
    };
  }
  const handle = Math.min(HANDLE_PIXELS, ((note.end - note.start) * geometry.stepWidth) / 3);
  if (note.end * geometry.stepWidth - x <= handle) {
    return {
      move: ({ step }) => surface.onChange(
        withEnd(notes, note, Math.ceil(step), texture, 1)),
      end: () => undefined,
    };
  }
  return moveNote(surface, cell, note);
}

/** Puts a note where there is none, or takes away the one that is there. */
export function toggle(surface: Surface, { pitch, step }: Cell): void {
  const { notes, texture } = surface;
  const note = noteAt(notes, pitch, step);
  surface.onBegin();
  if (note) {
    surface.onChange(without(notes, note));
  } else {
    const length = surface.drums ? 1 : surface.length;
    surface.onChange(withNote(notes, noteFrom(pitch, Math.floor(step), length), texture));
    surface.onSound(pitch);
  }
}

function moveNote(surface: Surface, from: Cell, note: Note): Drag {
  const others = without(surface.notes, note);
  let current = note;
  let moved = false;
  return {
    move({ pitch, step }) {
      const start = Math.max(0, note.start + Math.round(step - from.step));
      if (pitch === current.pitch && start === current.start) {
        return;
      }
      if (pitch !== current.pitch) {
        surface.onSound(pitch);
      }
      moved = true;
      current = { ...note, pitch, start, end: start + note.end - note.start };
      surface.onChange(withNote(others, current, surface.texture));
    },
    end() {
      if (!moved) {
        surface.onChange(others);
      }
    },
  };
}

/** Sets the cells that are passed over, or clears them if the first one was set. */
function paintDrums(surface: Surface, first: Cell, struck: Note | undefined): Drag {
  let painted = [...surface.notes];
  const paint = ({ pitch, step }: Cell) => {
    const there = noteAt(painted, pitch, step);
    if (struck && there) {
      painted = without(painted, there);
    } else if (!struck && !there) {
      painted = withNote(painted, noteFrom(pitch, Math.floor(step), 1), surface.texture);
      surface.onSound(pitch);
    } else {
      return;
    }
    surface.onChange(painted);
  };
  paint(first);
  return { move: paint, end: () => undefined };
}

function noteFrom(pitch: number, start: number, length: number): Note {
  return { pitch, start, end: start + length, velocity: DEFAULT_VELOCITY };
}
