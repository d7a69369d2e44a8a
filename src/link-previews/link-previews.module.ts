import { Module } from '@nestjs/common';
import { EgressModule } from '../egress/egress.module.js';
import { LinkPreviews } from './link-previews.js';
import { LinkPreviewSettings } from './link-preview-settings.js';

/** Previews of the links in texts that are sent. */
@Module({
  imports: [EgressModule],
  providers: [LinkPreviews, { provide: LinkPreviewSettings, useFactory: () => new LinkPreviewSettings() }],
  exports: [LinkPreviews, LinkPreviewSettings],
})
export class LinkPreviewsModule {}
