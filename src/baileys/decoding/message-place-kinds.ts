import type { proto } from '@whiskeysockets/baileys';
import type { MessageMetadata } from '../../common/message-types.js';
import type { MessageKinds } from './message-kind.js';
import { summary, wholeNumber } from './message-words.js';

type Place = proto.Message.ILocationMessage & proto.Message.ILiveLocationMessage;

/** Kinds that say where something or somebody is. */
export const PLACE_KINDS: MessageKinds = {
  locationMessage: {
    type: (m) => (m.isLive ? 'live_location' : 'location'),
    contentClass: 'other',
    describe: (m) =>
      summary(m.isLive ? 'live location' : 'location', m.name, m.address, m.comment, coordinates(m)),
    metadata: placeOf,
  },
  liveLocationMessage: {
    type: 'live_location',
    contentClass: 'other',
    describe: (m) => summary('live location', m.caption, coordinates(m)),
    metadata: placeOf,
  },
};

/** @returns what a place is, in the words of REST */
export function placeOf(place: Place): MessageMetadata {
  return {
    ...(isOnEarth(place) && { latitude: place.degreesLatitude, longitude: place.degreesLongitude }),
    name: place.name,
    address: place.address,
    url: place.url,
    comment: place.comment ?? place.caption,
    accuracy_meters: place.accuracyInMeters || undefined,
    speed_mps: place.speedInMps || undefined,
    heading_degrees: place.degreesClockwiseFromMagneticNorth || undefined,
    sequence: wholeNumber(place.sequenceNumber) || undefined,
  };
}

function coordinates(place: Place): string | undefined {
  return isOnEarth(place) ? `(${place.degreesLatitude}, ${place.degreesLongitude})` : undefined;
}

function isOnEarth({ degreesLatitude: latitude, degreesLongitude: longitude }: Place): boolean {
  return isWithin(latitude, 90) && isWithin(longitude, 180);
}

function isWithin(degrees: number | null | undefined, limit: number): boolean {
  return typeof degrees === 'number' && Math.abs(degrees) <= limit;
}
