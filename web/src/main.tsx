import "@fontsource-variable/figtree/wght.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/roll.css";
import "./styles/results.css";

import { render } from "preact";

import { App } from "./app";

render(<App />, document.getElementById("app")!);
