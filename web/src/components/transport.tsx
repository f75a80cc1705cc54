/** Below the roll: play, what the colours mean, where playing is. */

import { useEffect, useRef } from "preact/hooks";

import { shownSequence } from "../state/generation";
import { countIn, doing, position, togglePlay } from "../state/playback";
import { STEPS_PER_BAR, STEPS_PER_QUARTER } from "../music/note";
import { PlayIcon, StopIcon } from "./icons";

export function Transport() {
  const playing = doing.value !== "nothing";
  return (
    <div class="transport">
      <button type="button" class="play" onClick={() => void togglePlay()}>
        {playing ? <StopIcon /> : <PlayIcon />}
        <span>{playing ? "Stop" : "Play"}</span>
      </button>
      <Clock />
      <ul class="legend">
        <li class="primer">Your notes</li>
        {shownSequence.value && <li class="continuation">The model's</li>}
      </ul>
    </div>
  );
}

/** Bar and beat, or the beats that are left of a count-in. */
function Clock() {
  const output = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = (text: string) => {
      output.current!.textContent = text;
    };
    if (doing.value === "nothing") {
      show("1.1");
      return undefined;
    }
    let frame = requestAnimationFrame(function tick() {
      const step = Math.max(0, position());
      const left = doing.value === "recording" ? countIn() : 0;
      show(left ? `−${left}` : `${Math.floor(step / STEPS_PER_BAR) + 1}.${
        Math.floor((step % STEPS_PER_BAR) / STEPS_PER_QUARTER) + 1}`);
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [doing.value]);
  return <span ref={output} class="clock" aria-hidden="true" />;
}
