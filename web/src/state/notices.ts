/** What the page has to say. */

import { signal } from "@preact/signals";

import { ServerError } from "../server/client";

export interface Notice {
  readonly kind: "error" | "info";
  readonly title: string;
  readonly text: string;
}

export const notice = signal<Notice | null>(null);

export function inform(text: string): void {
  notice.value = { kind: "info", title: "", text };
}

/** Shows an error in its own words. */
export function complain(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const title = error instanceof ServerError ? error.title : "That did not work";
  notice.value = { kind: "error", title, text };
}
