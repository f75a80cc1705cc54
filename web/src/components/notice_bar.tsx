/** What went wrong, or what to know; said to screen readers as it comes. */

import { notice } from "../state/notices";

export function NoticeBar() {
  const current = notice.value;
  return (
    <div aria-live="assertive" class="notice-place">
      {current && (
        <div class={`notice ${current.kind}`} role={current.kind === "error" ? "alert" : "status"}>
          <p>
            {current.title && <strong>{current.title}: </strong>}
            {current.text}
          </p>
          <button
            type="button"
            class="icon-button"
            aria-label="Close this message"
            onClick={() => {
              notice.value = null;
            }}
          >
            ×
          </button>
        </div>
      )}
    </div>
  );
}
