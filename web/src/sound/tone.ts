/**
 * The parts of Tone that the page uses, in an audio context of the page's own.
 *
 * Tone's front door makes a context whose clock is a worker made of a blob, which the content
 * security policy forbids, and brings all of Tone along; so its rooms are entered one by one.
 */

// These add what they are to each context that is made.
import "tone/build/esm/core/clock/Transport.js";
import "tone/build/esm/core/context/Destination.js";
import "tone/build/esm/core/util/Draw.js";

import { Context } from "tone/build/esm/core/context/Context.js";
import { getContext, setContext } from "tone/build/esm/core/context/GlobalContext.js";

export { Volume } from "tone/build/esm/component/channel/Volume.js";
export { Compressor } from "tone/build/esm/component/dynamics/Compressor.js";
export { Filter } from "tone/build/esm/component/filter/Filter.js";
export { FMSynth } from "tone/build/esm/instrument/FMSynth.js";
export { MembraneSynth } from "tone/build/esm/instrument/MembraneSynth.js";
export { NoiseSynth } from "tone/build/esm/instrument/NoiseSynth.js";
export { PolySynth } from "tone/build/esm/instrument/PolySynth.js";
export { getContext };

setContext(new Context({ clockSource: "timeout", latencyHint: "interactive" }));
