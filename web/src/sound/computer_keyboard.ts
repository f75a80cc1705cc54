/** The computer keyboard as a piano: two rows of keys, by place and not by letter. */

// The white keys from C are on the row of A, the black ones on the row above.
const SEMITONES: Record<string, number> = {
  KeyA: 0, KeyW: 1, KeyS: 2, KeyE: 3, KeyD: 4, KeyF: 5, KeyT: 6, KeyG: 7, KeyY: 8, KeyH: 9,
  KeyU: 10, KeyJ: 11, KeyK: 12, KeyO: 13, KeyL: 14, KeyP: 15, Semicolon: 16,
};
const C4 = 60;
// Drums on the same keys, from the kick up.
const DRUM_KEYS: Record<string, number> = {
  KeyA: 36, KeyS: 38, KeyD: 42, KeyF: 46, KeyG: 45, KeyH: 48, KeyJ: 50, KeyK: 49, KeyL: 51,
};

/** What the keys do. */
export interface Keys {
  press(pitch: number): void;
  release(pitch: number): void;
}

/** Listens to the keys until the returned function is called; Z and X move by an octave. */
export function listenToKeys(drums: boolean, keys: Keys): () => void {
  let octave = 0;
  const held = new Map<string, number>();
  const onDown = (event: KeyboardEvent) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
      return;
    }
    if (!drums && (event.code === "KeyZ" || event.code === "KeyX")) {
      octave = Math.max(-3, Math.min(3, octave + (event.code === "KeyZ" ? -1 : 1)));
      return;
    }
    const pitch = drums ? DRUM_KEYS[event.code] : pitchOf(event.code, octave);
    if (pitch !== undefined) {
      event.preventDefault();
      held.set(event.code, pitch);
      keys.press(pitch);
    }
  };
  const onUp = (event: KeyboardEvent) => {
    const pitch = held.get(event.code);
    if (pitch !== undefined) {
      held.delete(event.code);
      keys.release(pitch);
    }
  };
  window.addEventListener("keydown", onDown);
  window.addEventListener("keyup", onUp);
  return () => {
    window.removeEventListener("keydown", onDown);
    window.removeEventListener("keyup", onUp);
  };
}

function pitchOf(code: string, octave: number): number | undefined {
  const semitone = SEMITONES[code];
  return semitone === undefined ? undefined : C4 + 12 * octave + semitone;
}

/** Whether a key press goes into a field. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLInputElement && !["range", "checkbox", "radio"].includes(target.type));
}
