import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'auzap:isPublic';

/** Marks a controller or route that answers without a token, also where authentication is required. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
