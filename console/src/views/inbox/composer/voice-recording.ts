/** A recording that goes on. */
export interface VoiceRecording {
  /** @returns what was recorded, as Ogg with Opus */
  finish: () => Promise<Blob>;
  cancel: () => void;
}

/** Firefox records what phones take; what others record has the same sound in another container, or is encoded anew. */
const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];

/** @throws DOMException where the person forbids it, or has no microphone */
export async function startRecording(): Promise<VoiceRecording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, {
    ...(mimeType !== undefined && { mimeType }),
    audioBitsPerSecond: 32_000,
  });
  const chunks: Blob[] = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  recorder.start();
  const end = () => stream.getTracks().forEach((track) => track.stop());
  return {
    async finish() {
      const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
      recorder.stop();
      await stopped;
      end();
      const recorded = new Blob(chunks, { type: recorder.mimeType });
      return recorder.mimeType.startsWith('audio/ogg') ? recorded : toOgg(recorded);
    },
    cancel() {
      if (recorder.state !== 'inactive') {
        recorder.stop();
      }
      end();
    },
  };
}

/** Puts the sound into the container that phones take. Opus stays as it is. */
async function toOgg(recorded: Blob): Promise<Blob> {
  const { BlobSource, BufferTarget, Conversion, Input, MATROSKA, MP4, OggOutputFormat, Output, WEBM } =
    await import('mediabunny');
  const input = new Input({ source: new BlobSource(recorded), formats: [WEBM, MATROSKA, MP4] });
  const target = new BufferTarget();
  const output = new Output({ format: new OggOutputFormat(), target });
  const conversion = await Conversion.init({ input, output, audio: { codec: 'opus' } });
  await conversion.execute();
  return new Blob([target.buffer!], { type: 'audio/ogg' });
}
