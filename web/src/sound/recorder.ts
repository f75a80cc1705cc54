/** Turns keys that are pressed and let go into notes. */

import { type Note, sorted } from "../music/note";

export class Recorder {
  private readonly pressed = new Map<number, { start: number; velocity: number }>();
  private readonly done: Note[] = [];

  /**
   * @param position the step where playing is now, below 0 before the beginning.
   * @param grid steps that notes are moved to; 0 keeps them where they were played.
   */
  constructor(private readonly position: () => number, private readonly grid: number) {}

  press(pitch: number, velocity: number): void {
    this.release(pitch);
    this.pressed.set(pitch, { start: this.position(), velocity });
  }

  release(pitch: number): void {
    const key = this.pressed.get(pitch);
    this.pressed.delete(pitch);
    // Somebody who is early by less than half a step means the beginning.
    const start = key ? this.snap(key.start) : -1;
    if (key && start >= 0) {
      const shortest = this.grid || 0.25;
      const end = Math.max(this.snap(this.position()), start + shortest);
      this.done.push({ pitch, start, end, velocity: key.velocity });
    }
  }

  /** The notes so far; those of keys that are still pressed end now. */
  notes(): Note[] {
    for (const pitch of [...this.pressed.keys()]) {
      this.release(pitch);
    }
    return sorted(this.done);
  }

  private snap(step: number): number {
    if (this.grid) {
      // Without the negative zero that rounding gives.
      return Math.round(step / this.grid) * this.grid + 0;
    }
    return step > -0.5 ? Math.max(0, step) : step;
  }
}
