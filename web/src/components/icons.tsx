/** The page's icons; each has words beside it, or is named by its button. */

import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{children}</svg>;
}

export const PlayIcon = () => <Icon><path d="M5 3.5v13l11.5-6.5z" /></Icon>;
export const StopIcon = () => <Icon><rect x="4.5" y="4.5" width="11" height="11" rx="1.5" /></Icon>;
export const RecordIcon = () => <Icon><circle cx="10" cy="10" r="5.5" /></Icon>;
export const UndoIcon = () => (
  <Icon><path class="stroke" d="M7 4 3.5 7.5 7 11M4 7.5h7.5a4.5 4.5 0 0 1 0 9H7" /></Icon>
);
export const ClearIcon = () => (
  <Icon><path class="stroke" d="M4 6h12M8 6V4h4v2M6 6l.8 10h6.4L14 6" /></Icon>
);
export const FileIcon = () => (
  <Icon><path class="stroke" d="M10 13V4M6.5 7.5 10 4l3.5 3.5M4 13v3h12v-3" /></Icon>
);
export const DownloadIcon = () => (
  <Icon><path class="stroke" d="M10 4v9M6.5 9.5 10 13l3.5-3.5M4 14v2.5h12V14" /></Icon>
);
export const KeysIcon = () => (
  <Icon><path class="stroke" d="M3 5h14v10H3zM7.7 5v10M12.3 5v10M7.7 5v5M12.3 5v5" /></Icon>
);
export const PlugIcon = () => (
  <Icon>
    <circle class="stroke" cx="10" cy="10" r="6.5" />
    <circle cx="7" cy="10" r="1" /><circle cx="10" cy="7" r="1" /><circle cx="13" cy="10" r="1" />
  </Icon>
);
export const LinkIcon = () => (
  <Icon>
    <path class="stroke" d="M8.5 11.5 11.5 8.5M9 6l1.5-1.5a3.5 3.5 0 0 1 5 5L14 11M6 9l-1.5 1.5a3.5 3.5 0 0 0 5 5L11 14" />
  </Icon>
);
export const DiceIcon = () => (
  <Icon>
    <rect class="stroke" x="3.5" y="3.5" width="13" height="13" rx="2.5" />
    <circle cx="7" cy="7" r="1.2" /><circle cx="13" cy="13" r="1.2" /><circle cx="10" cy="10" r="1.2" />
  </Icon>
);
export const ContinueIcon = () => (
  <Icon><path class="stroke" d="M3.5 10h11M10.5 5.5 15 10l-4.5 4.5M17 5v10" /></Icon>
);
export const WandIcon = () => (
  <Icon><path class="stroke" d="m4 16 8-8M14 2.5v3M14 9.5v1.5M10 6h1.5M16 6h2M16.8 8.8l.7.7M16.5 3.5l.8-.8" /></Icon>
);
