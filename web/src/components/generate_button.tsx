/** Generate, and how long it has taken so far. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { cancel, generate, since } from "../state/generation";
import { isLoading, signature } from "../state/model";
import { stop } from "../state/playback";
import { WandIcon } from "./icons";

export function GenerateButton() {
  const started = since.value;
  if (started !== null) {
    return (
      <div class="generate busy">
        <Elapsed started={started} />
        <button type="button" class="tool" onClick={cancel}>Cancel</button>
      </div>
    );
  }
  return (
    <div class="generate">
      <button
        type="button"
        class="primary"
        disabled={!signature.value.size || isLoading.value}
        onClick={() => {
          stop();
          void generate();
        }}
      >
        <WandIcon /><span>Generate</span>
      </button>
    </div>
  );
}

function Elapsed({ started }: { started: number }) {
  const seconds = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => {
      seconds.value = Math.floor((Date.now() - started) / 1000);
    }, 200);
    return () => clearInterval(timer);
  }, [started]);
  return (
    <div class="progress">
      <progress aria-label="Generating" />
      <span>Generating{seconds.value ? ` · ${seconds.value} s` : " …"}</span>
    </div>
  );
}
