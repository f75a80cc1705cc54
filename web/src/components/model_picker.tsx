/** Which model and version is asked. */

import { chooseModel, model, models, version, versions } from "../state/model";
import { shown } from "../state/generation";

export function ModelPicker() {
  const choose = (name: string, wanted?: string) => {
    if (name) {
      shown.value = null;
      void chooseModel(name, wanted);
    }
  };
  const names = models.value;
  return (
    <div class="model-picker">
      <div class="field">
        <label for="model">Model</label>
        {names === null
          ? (
            <input
              id="model"
              type="text"
              value={model.value}
              placeholder="name of a served model"
              autocomplete="off"
              spellcheck={false}
              onChange={(event) => choose(event.currentTarget.value.trim())}
            />
          )
          : (
            <select
              id="model"
              value={model.value}
              onChange={(event) => choose(event.currentTarget.value)}
            >
              {!names.includes(model.value) && <option value={model.value}>{model.value}</option>}
              {names.map((name) => <option key={name} value={name}>{name}</option>)}
            </select>
          )}
      </div>
      <div class="field">
        <label for="version">Version</label>
        <select
          id="version"
          value={version.value}
          disabled={!versions.value.length}
          onChange={(event) => choose(model.value, event.currentTarget.value)}
        >
          {!versions.value.includes(version.value) && <option value="">–</option>}
          {versions.value.map((number) => <option key={number} value={number}>{number}</option>)}
        </select>
      </div>
    </div>
  );
}
