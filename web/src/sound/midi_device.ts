/** MIDI devices, by the browser's Web MIDI. */

const NOTE_OFF = 0x80;
const NOTE_ON = 0x90;

/** What the keys of a device do. */
export interface DeviceKeys {
  press(pitch: number, velocity: number): void;
  release(pitch: number): void;
}

/**
 * Listens to all devices, those that are plugged in later too, until the returned function is called.
 *
 * @param onDevices is told the devices' names, now and when they change.
 * @throws Error in words if the browser has no Web MIDI or the user does not allow it.
 */
export async function listenToDevices(
  keys: DeviceKeys, onDevices: (names: string[]) => void,
): Promise<() => void> {
  if (!("requestMIDIAccess" in navigator)) {
    throw new Error("This browser does not let pages use MIDI devices; Chrome, Edge and Firefox do.");
  }
  let access: MIDIAccess;
  try {
    access = await navigator.requestMIDIAccess();
  } catch {
    throw new Error("The browser did not allow this page to use MIDI devices.");
  }
  const onMessage = (event: MIDIMessageEvent) => {
    const [status = 0, pitch = 0, velocity = 0] = event.data ?? [];
    const command = status & 0xf0;
    if (command === NOTE_ON && velocity > 0) {
      keys.press(pitch, velocity);
    } else if (command === NOTE_OFF || command === NOTE_ON) {
      keys.release(pitch);
    }
  };
  const update = () => {
    const inputs = [...access.inputs.values()];
    for (const input of inputs) {
      input.onmidimessage = onMessage;
    }
    onDevices(inputs.filter((input) => input.state === "connected")
      .map((input) => input.name ?? "MIDI device"));
  };
  access.onstatechange = update;
  update();
  return () => {
    access.onstatechange = null;
    for (const input of access.inputs.values()) {
      input.onmidimessage = null;
    }
  };
}
