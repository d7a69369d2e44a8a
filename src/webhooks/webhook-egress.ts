import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AllowList } from '../egress/allow-list.js';
import { EgressFetch } from '../egress/egress-fetch.js';
import { askNameServers } from '../egress/name-servers.js';

/** The guarded way out to webhooks, which are called again and again: whose name servers hang holds up nobody else. */
@Injectable()
export class WebhookEgress extends EgressFetch {
  constructor(config: AppConfig) {
    super(config, askNameServers(new AllowList(config.egressAllow)));
  }
}
