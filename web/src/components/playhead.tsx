/** The line that moves over the roll as it plays. */

import { useEffect, useRef } from "preact/hooks";

import { position } from "../state/playback";
import { type Geometry, heightOf } from "./roll_geometry";

const MARGIN = 60;

export function Playhead({ geometry, scroller }: {
  geometry: Geometry; scroller: HTMLDivElement;
}) {
  const line = useRef<SVGLineElement>(null);
  useEffect(() => {
    let frame = requestAnimationFrame(function move() {
      const x = Math.max(0, position()) * geometry.stepWidth;
      line.current?.setAttribute("transform", `translate(${x.toFixed(2)} 0)`);
      if (x > scroller.scrollLeft + scroller.clientWidth - 2 * MARGIN || x < scroller.scrollLeft) {
        scroller.scrollLeft = x - MARGIN;
      }
      frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  }, [geometry, scroller]);
  return <line ref={line} class="playhead" x1={0} x2={0} y1={0} y2={heightOf(geometry)} />;
}
