import type { proto } from '@whiskeysockets/baileys';
import type { MessageMetadata } from '../../common/message-types.js';
import { summary } from './message-words.js';

/**
 * @param info beside a message's content
 * @returns the ad, the link or the campaign that led its sender here; undefined where none did
 */
export function adReferral(info: proto.IContextInfo): MessageMetadata | undefined {
  const { externalAdReply: ad, quotedAd, utm } = info;
  const campaign = info.smbClientCampaignId || info.smbServerCampaignId;
  const isReferred =
    ad ||
    quotedAd ||
    utm ||
    campaign ||
    info.conversionSource ||
    info.entryPointConversionExternalSource ||
    info.ctwaSignals ||
    info.ctwaPayload;
  if (!isReferred) {
    return undefined;
  }
  return {
    source: ad?.sourceType || info.conversionSource || info.entryPointConversionSource,
    source_id: ad?.sourceId,
    url: ad?.sourceUrl,
    headline: ad?.title || quotedAd?.advertiserName,
    body: ad?.body || quotedAd?.caption,
    media_url: ad?.mediaUrl,
    thumbnail_url: ad?.thumbnailUrl || ad?.originalImageUrl,
    click_id: ad?.ctwaClid,
    ref: ad?.ref,
    app: ad?.sourceApp || info.entryPointConversionApp,
    greeting: ad?.greetingMessageBody,
    entry_point: info.entryPointConversionSource,
    external_source: info.entryPointConversionExternalSource,
    external_medium: info.entryPointConversionExternalMedium,
    campaign: campaign || utm?.utmCampaign,
    utm_source: utm?.utmSource,
    delay_seconds: info.conversionDelaySeconds || info.entryPointConversionDelaySeconds,
  };
}

/** @returns what to show of somebody whom an ad led here and who wrote no words */
export function adWords({ externalAdReply: ad, quotedAd }: proto.IContextInfo): string {
  return summary('ad', ad?.title || quotedAd?.advertiserName, ad?.body || quotedAd?.caption, ad?.sourceUrl);
}
