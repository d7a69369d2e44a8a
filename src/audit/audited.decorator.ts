import { SetMetadata } from '@nestjs/common';

export const AUDITED = 'auzap:audited';

/** Marks a route that reads many people's data at once: who reads it is noted, as with every change. */
export const Audited = () => SetMetadata(AUDITED, true);
