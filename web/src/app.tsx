/** The page. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import iconUrl from "./icon.svg";
import { GenerateButton } from "./components/generate_button";
import { ModelPicker } from "./components/model_picker";
import { NoticeBar } from "./components/notice_bar";
import { PianoRoll } from "./components/piano_roll";
import { Results } from "./components/results";
import { Settings } from "./components/settings";
import { takeFile, Toolbar } from "./components/toolbar";
import { Transport } from "./components/transport";
import { start } from "./state/generation";
import { isDrums } from "./state/model";

export function App() {
  const isOver = useSignal(false);
  useEffect(() => {
    const begin = () => void start();
    begin();
    // Somebody puts another link into the address bar.
    window.addEventListener("hashchange", begin);
    return () => window.removeEventListener("hashchange", begin);
  }, []);
  return (
    <div
      class={`page ${isOver.value ? "dropping" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        const [file] = event.dataTransfer?.files ?? [];
        if (file) {
          void takeFile(file);
        }
      }}
    >
      <header class="top">
        <h1><img src={iconUrl} alt="" width={32} height={32} />Magenta Serving</h1>
        <p class="quiet">Draw or play a few notes, and a model goes on.</p>
        <ModelPicker />
      </header>
      <NoticeBar />
      <main>
        <section class="panel editor" aria-label="Notes">
          <Toolbar />
          <PianoRoll />
          <Transport />
          <p class="quiet tip">
            {isDrums.value
              ? "Click cells to set drums. "
              : "Click to set a note, drag it to move or stretch it, click it to remove it. "}
            Or drop a MIDI file here.
          </p>
        </section>
        <aside class="panel" aria-label="Settings">
          <Settings />
          <GenerateButton />
        </aside>
        <Results />
      </main>
      <footer class="quiet">
        Made of open source: <a href="licenses.txt">licences</a>
      </footer>
    </div>
  );
}
