/** A control for each input of the model. */

import type { Control } from "../server/controls";
import { controls, isLoading, setText, textOf, wrong } from "../state/model";
import { DiceIcon } from "./icons";

export function Settings() {
  const usual = controls.value.filter((control) => !control.advanced);
  const advanced = controls.value.filter((control) => control.advanced);
  if (!controls.value.length) {
    return isLoading.value ? <p class="quiet" role="status">Asking the server …</p> : null;
  }
  return (
    <div class="settings">
      {usual.map((control) => <Setting key={control.input.name} control={control} />)}
      {advanced.length > 0 && (
        <details>
          <summary>Search</summary>
          {advanced.map((control) => <Setting key={control.input.name} control={control} />)}
        </details>
      )}
    </div>
  );
}

function Setting({ control }: { control: Control }) {
  const { input, label, hint, slider } = control;
  const id = `input-${input.name}`;
  const text = textOf(control);
  const isWrong = wrong.value.includes(control);
  const onInput = (event: { currentTarget: HTMLInputElement }) =>
    setText(control, event.currentTarget.value);
  if (input.kind === "switch") {
    return (
      <div class="setting switch">
        <input
          id={id}
          type="checkbox"
          checked={text === "true"}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onChange={(event) => setText(control, String(event.currentTarget.checked))}
        />
        <label for={id}>{label}</label>
        <Hint id={id} hint={hint} />
      </div>
    );
  }
  return (
    <div class={`setting ${input.kind}`}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode={input.kind === "integer" ? "numeric" : input.kind === "number" ? "decimal" : "text"}
        value={text}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isWrong}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={onInput}
      />
      {input.name === "seed" && (
        <button
          type="button"
          class="icon-button"
          aria-label="Draw a new seed each time"
          title="Draw a new seed each time"
          onClick={() => setText(control, String(input.default))}
        >
          <DiceIcon />
        </button>
      )}
      {slider && (
        <input
          type="range"
          aria-label={label}
          {...slider}
          value={text}
          onInput={onInput}
        />
      )}
      <Hint id={id} hint={hint} />
    </div>
  );
}

function Hint({ id, hint }: { id: string; hint: string }) {
  return hint ? <p id={`${id}-hint`} class="hint">{hint}</p> : null;
}
