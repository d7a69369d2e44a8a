// Written by `npm run client`: do not edit.

export interface paths {
  '/api/admin/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List who did what, newest first
     * @description Every change, every refused change, and every reading of many messages, contacts, notes, bookings or events. An administrator sees all; others what is about the organizations that they manage.
     */
    get: operations['Audit_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List events after a sequence number, oldest first
     * @description All events but QR strings and pairing codes, which are secrets and never stored, and who is there or types. With `wait` the call is a long poll: it waits for the next event where there is none. Events are kept for 90 days, or as long as the organization decided: where some after `after` are gone, the answer is 410 with `oldest`, and `after=0` gives all that are kept.
     */
    get: operations['Events_read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/events/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Stream events as server-sent events
     * @description The same as `GET /api/events`, without asking again: what follows `after`, and then whatever comes, in sequence, each once. `id` is the sequence, `event` the name, `data` an event as the list has it. A client that comes again with `Last-Event-ID` goes on after that event, on any process. Browsers own `EventSource` sends no token; a client that is built on `fetch` does, and a token never belongs into an address. An event `exception` says why the service ends a stream. Comments come every 15 seconds; a client that reads nothing for 30 is ended.
     */
    get: operations['Events_stream'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List instances, newest first */
    get: operations['Instances_list'];
    put?: never;
    /**
     * Create an instance
     * @description An organization has at most 1000 instances, deleted ones aside (409 `too_many_instances`).
     */
    post: operations['Instances_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one instance */
    get: operations['Instances_get'];
    put?: never;
    post?: never;
    /**
     * Disconnect an instance and mark it as deleted
     * @description Logs the device out of WhatsApp and wipes its session. `connect` restores the instance. Where WhatsApp does not confirm the logout in time, for instance because the line is down, the answer is 202: the instance is deleted, the device is still linked, and logging it out goes on for LOGOUT_HOURS, across restarts.
     */
    delete: operations['Instances_delete'];
    options?: never;
    head?: never;
    /** Change an instance's name or the owner's number */
    patch: operations['Instances_update'];
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/logout': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Check how far a deleted instance's device is with being logged out
     * @description Stays after it is over, until `connect` restores the instance.
     */
    get: operations['Instances_logout'];
    put?: never;
    /**
     * Log an instance's device out of WhatsApp, and keep the instance
     * @description Takes the device off the account, as whoever removes it on the phone: `whatsapp:disconnected` with `logged_out` follows. Conversations stay, and `connect` links a phone anew. `DELETE` of the instance logs it out, too, also where there is no line at the moment.
     */
    post: operations['Connection_logOut'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/connect': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Link an instance by pairing code or QR code
     * @description Method `code` answers with an 8-character code that is valid for one minute; type it on the phone under Linked devices. Method `qr` answers at once; the QR string comes as the Socket.IO event `whatsapp:qr`, to sockets that may manage the organization, and as an image from the qr route. However linking ends, an event says so: `whatsapp:connected`, or `whatsapp:disconnected` with the reason, which is also the instance's `last_disconnect_reason`. An instance that is linked already goes on line and answers with a `message`; where WhatsApp refuses its login, the answer is 409 with the reason, and where the device was removed on the phone it is linked anew. A deleted instance is restored.
     */
    post: operations['Connection_connect'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/qr': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show the current QR code, for people with no socket
     * @description Whoever scans it links a phone of theirs, so it wants the same permission as `connect`, and the audit log names each caller whom a code was shown.
     */
    get: operations['Connection_qr'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Check where an instance stands with WhatsApp */
    get: operations['Connection_status'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/typing': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Show that somebody writes or records
     * @description WhatsApp shows it for some seconds, or until `paused`. Repeat it while somebody writes.
     */
    post: operations['Chats_typing'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/presence': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Hear whether somebody is there and types
     * @description As the event `whatsapp:presence`, which is never stored, for 5 minutes; call it again for longer, and after the line was lost. Meanwhile the account shows as on line, and its phone may not notify. People may hide it.
     */
    post: operations['Chats_presence'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/numbers/{number}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Ask WhatsApp whether a number has it, and under which spelling
     * @description An answer counts for 10 minutes. WhatsApp restricts accounts that look many numbers up.
     */
    get: operations['Chats_number'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/send': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a message
     * @description Answers when WhatsApp has taken the message. Where that can not be told in time, for instance because the line dropped, the answer is 202: the message may or may not have left, it is resolved in the background (never by sending it under another id), and `status_url` says how it went. Where the database did not confirm in time that it holds the message, the answer is 202, too, and 404 at `status_url` means that the message was not stored: with an `Idempotency-Key`, repeat the call under it, which sends it once whatever happened. Any process of the service takes the call, whichever runs the instance; 503 `instance_not_responding` means that nothing was sent. With an `Idempotency-Key` a call may be repeated safely, also after a crash.
     */
    post: operations['OutgoingMessage_send'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/messages/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read one message
     * @description Also says how sending went that was answered with 202.
     */
    get: operations['Messages_get'];
    put?: never;
    post?: never;
    /** Take a message back for everyone, within 60 hours */
    delete: operations['MessageChanges_remove'];
    options?: never;
    head?: never;
    /** Edit a text that was sent, within 15 minutes */
    patch: operations['MessageChanges_edit'];
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/integrity': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Count what became of everything that was received in a period
     * @description Periods are by the service's clock, not the senders'. `received` is always the sum of what follows it, so that nothing can be missing from the account.
     */
    get: operations['Integrity_summarize'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/integrity/undecrypted': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the messages that could not be read, the last received first
     * @description `waiting`: a readable copy was asked for. `recovered`: it came. `given_up`: it did not come within ten minutes on line.
     */
    get: operations['Integrity_listUndecrypted'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/pacing': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Count what an instance sent lately, and to how many strangers
     * @description Of its latest 20,000 messages, without edits, deletions and reactions.
     */
    get: operations['Pacing_read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/whatsapp/instances/{id}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * See how far the history is that WhatsApp hands over
     * @description After linking, the phone hands pieces of its chats over. They are stored in the background, as messages and notes that stand in lists before everything received since, without bookings or events.
     */
    get: operations['History_get'];
    put?: never;
    /**
     * Ask the phone for older messages of a chat
     * @description For those before the oldest one that is known. The phone hands them over when it is on line, or never; what comes is stored as history, and `syncs` of the history names the request. Refused where `history` of the instance is `ignore`.
     */
    post: operations['History_fetch'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/contacts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Search contacts, filters in the query */
    get: operations['Contacts_searchByQuery'];
    put?: never;
    /** Search contacts, filters in the body */
    post: operations['Contacts_searchByBody'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/contacts/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read one contact
     * @description The id of a contact that was joined with another one leads on for ever: the answer is the contact that it became, with `merged_into`.
     */
    get: operations['Contacts_get'];
    put?: never;
    post?: never;
    /**
     * Erase a contact and everything about it
     * @description Deletes the contact, its messages (those in groups, too), its membership in groups, notes, bookings and encryption keys; empties its rows of the inbox, its events (their sequence stays gapless, with `{ "erased": true }` as payload) and its entries in the ledger. What WhatsApp delivers again of it is dropped; a new message makes a new contact. Asked again, it answers the same receipt. Where it takes longer than some seconds the answer is 202, and it goes on by itself.
     */
    delete: operations['ContactRights_erase'];
    options?: never;
    head?: never;
    /**
     * Name a contact
     * @description `name: null` takes the name away: the contact’s own one is back with its next message. With `If-Match` a message that came meanwhile is no change, another name is.
     */
    patch: operations['Contacts_rename'];
    trace?: never;
  };
  '/api/contacts/{id}/merge': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Make one contact of two that are one person
     * @description Messages, notes and bookings of the other one are this one’s from now on, and so is what comes from or goes to its addresses; its id leads here. Nothing unread counts as read. Where one open booking is the rule, of those that messages opened the oldest stays. `unmerge` takes it back without loss.
     */
    post: operations['Contacts_merge'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/contacts/{id}/unmerge': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take a merge back
     * @description The other contact is there again, under its id, with everything that was its own; what came since is whose address it came from or went to. What was merged into it stays part of it: merges are taken back in any order. Bookings that the merge cancelled are open again. What was read of both was read of each.
     */
    post: operations['Contacts_unmerge'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/contacts/{id}/read': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Mark what a contact wrote as read
     * @description Nothing of it counts as unread any more, and the contact sees read receipts, unless the account hides them: `receipts` of them, none where the instance is off line.
     */
    post: operations['Contacts_read'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/conversations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List contacts by their last message, the newest first */
    get: operations['Conversations_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List messages, the last stored first; or look for words in them */
    get: operations['Messages_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/messages/{id}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a message's earlier texts, the oldest first */
    get: operations['Messages_history'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/messages/{id}/media': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read the file of a message or a note
     * @description What a browser could run is `application/octet-stream`, to be saved. Parts are had by `Range`. The id is that of a message, or of a note: what the owner sent from the phone has its file, too.
     */
    get: operations['Media_file'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/messages/{id}/thumbnail': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a small JPEG of the file of a message */
    get: operations['Media_thumbnail'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/messages/{id}/media/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Fetch the file of a message once more
     * @description `whatsapp:media` tells what came of it.
     */
    post: operations['Media_retry'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/messages/{id}/media/link': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Make an address of the file of a message or a note for a player
     * @description For what can send no token, such as `<video>` in a page, which reads a file part by part. It leads to this file alone, for an hour.
     */
    post: operations['MediaLinks_make'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/media-link': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read the file that a link leads to
     * @description As `GET /api/messages/{id}/media`, without a token: the address is the secret.
     */
    get: operations['MediaLinks_read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/bookings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List bookings, newest first unless `sort` says otherwise */
    get: operations['Bookings_list'];
    put?: never;
    /** Make a booking of a contact */
    post: operations['Bookings_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/bookings/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one booking */
    get: operations['Bookings_get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Change a booking */
    patch: operations['Bookings_change'];
    trace?: never;
  };
  '/api/organizations/{id}/calendar-feeds': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the calendar feeds of an organization, newest first */
    get: operations['CalendarFeeds_list'];
    put?: never;
    /**
     * Create a calendar feed
     * @description Calendars that subscribe to its address show the bookings of the organization, with the names of the contacts and the notes: whoever knows the address reads them, without a token. An organization has at most 20 (409 `too_many_calendar_feeds`).
     */
    post: operations['CalendarFeeds_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/calendar-feeds/{feedId}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give a calendar feed a new address
     * @description The old one ends at once.
     */
    post: operations['CalendarFeeds_rotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/calendar-feeds/{feedId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Delete a calendar feed */
    delete: operations['CalendarFeeds_delete'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/calendar/{file}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read a calendar of bookings
     * @description iCalendar (RFC 5545): bookings with a start, from 90 days ago to a year from now, at most 5000. Cancelled ones stay, with `STATUS:CANCELLED`, so that calendars take them out.
     */
    get: operations['Calendar_read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/groups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List groups, newest first
     * @description Those of instances that store groups (`PATCH` with `groups`), from when they were first heard of.
     */
    get: operations['Groups_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/groups/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read one group, its members and what was changed
     * @description What is written in it: `GET /api/messages?group_id=`.
     */
    get: operations['Groups_get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/media': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Upload a file to be sent
     * @description As the part `file` of a form, streamed. Sent by `media: { id }` within a day.
     */
    post: operations['Uploads_upload'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/notes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the notes, the last stored first */
    get: operations['Notes_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/contacts/{id}/notes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Write a note on a contact
     * @description Internal: nothing of it is sent. Its author can change it, and who manages the organization.
     */
    post: operations['Notes_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/notes/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one note */
    get: operations['Notes_get'];
    put?: never;
    post?: never;
    /**
     * Delete a note
     * @description By its author, or by who manages the organization. Nothing of it is left.
     */
    delete: operations['Notes_delete'];
    options?: never;
    head?: never;
    /**
     * Write a note anew
     * @description By its author, or by who manages the organization. What the owner wrote on the phone is changed there.
     */
    patch: operations['Notes_change'];
    trace?: never;
  };
  '/api/webhooks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List webhooks, newest first */
    get: operations['Webhooks_list'];
    put?: never;
    /**
     * Create a webhook
     * @description Every event from now on is sent to `url` by POST, after the Standard Webhooks specification (headers `webhook-id`, `webhook-timestamp`, `webhook-signature`): `{ type, timestamp, sequence, organization_id, data }`, where `data` is as the Socket.IO event of that name carries it. A status of 200 to 299 within 15 s takes it. What is not taken is tried again for three days, and what concerns the same person or group waits for it; then the webhook is paused. At least once: `webhook-id` is the same with each try. An organization has at most 20 webhooks (409 `too_many_webhooks`).
     */
    post: operations['Webhooks_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/webhooks/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one webhook */
    get: operations['Webhooks_get'];
    put?: never;
    post?: never;
    /** Delete a webhook with its deliveries */
    delete: operations['Webhooks_delete'];
    options?: never;
    head?: never;
    /**
     * Change a webhook, or pause it
     * @description What it is told of changes for events from now on.
     */
    patch: operations['Webhooks_update'];
    trace?: never;
  };
  '/api/webhooks/{id}/rotate-secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Let a new secret take the place of the one that signs
     * @description For `overlap_seconds` deliveries are signed with both, so that the receiver can change at any moment of it.
     */
    post: operations['Webhooks_rotateSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/webhooks/{id}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Call a webhook once, to see what it answers
     * @description A signed message of the type `webhook.test`, with `sequence` null; also where the webhook is paused.
     */
    post: operations['Webhooks_test'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/webhooks/{id}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Go on with a webhook that is paused, or try at once what waits to be tried again
     * @description With what waits, in order, and three days anew. With `after`, what waits up to that sequence is given up first.
     */
    post: operations['Webhooks_resume'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/webhooks/{id}/redrive': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Deliver events once more, after a sequence and up to another
     * @description In the background, each under the `webhook-id` that it had, and by what the webhook is told of now. A range that is asked for while another is under way is joined with it.
     */
    post: operations['Webhooks_redrive'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/webhooks/{id}/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List deliveries of a webhook, newest first
     * @description Those that are over are kept for 30 days, and no longer than the organization keeps events. What was sent is read from the event.
     */
    get: operations['Webhooks_listDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the organizations of the token, by id */
    get: operations['Organizations_list'];
    put?: never;
    /**
     * Create an organization
     * @description For administrators. An administrator who creates an instance for an unknown organization creates it, too.
     */
    post: operations['Organizations_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one organization */
    get: operations['Organizations_get'];
    put?: never;
    post?: never;
    /**
     * Close an organization
     * @description For administrators. Deletes its instances as their own routes do, revokes its keys and ends its sockets. It takes nothing new from then on (409 `organization_closed`); what is stored stays.
     */
    delete: operations['Organizations_close'];
    options?: never;
    head?: never;
    /**
     * Rename an organization
     * @description For administrators.
     */
    patch: operations['Organizations_rename'];
    trace?: never;
  };
  '/api/organizations/{id}/members': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the members of an organization */
    get: operations['Members_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/members/{userId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Invite a user, or change the role of a member
     * @description A user who is no member is asked to be one (202), and has no rights before accepting: `POST /api/me/invitations/{id}/accept`. An administrator makes a member without asking (200). An organization has at most 100 invitations (409 `too_many_invitations`), and a user 20 to answer (409 `user_has_too_many_invitations`); who declined is not asked again for the 14 days of the invitation (409 `invitation_declined`). An organization has at most 1000 members (409 `too_many_members`). Only an administrator takes its last owner from it (409 `last_owner`). Keys that the member made, and that may do more than the role, end, unless `keys` is `keep`. A key that ends can not call this (403 `expiry_not_held`): a member does not end.
     */
    put: operations['Members_put'];
    post?: never;
    /**
     * Remove a member
     * @description At once: the next call is refused, and open sockets leave the organization. So end the keys that the member made, and those that these made, unless `keys` is `keep`.
     */
    delete: operations['Members_remove'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/invitations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List whom the organization asks to be a member, newest first
     * @description Made by `PUT /api/organizations/{id}/members/{userId}`. Those that expired are not shown; those that were declined are until then.
     */
    get: operations['Invitations_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/invitations/{invitationId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Withdraw an invitation
     * @description One that was answered or expired is 404 `invitation_not_found`.
     */
    delete: operations['Invitations_withdraw'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Say who the token is, and what it may do
     * @description Also for a user who is a member of nothing yet: `organizations` is empty then.
     */
    get: operations['Me_me'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/me/invitations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the organizations that ask the user to be a member, newest first
     * @description For the token of a user. There are never more than 20 or so, so there is one page.
     */
    get: operations['Me_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/me/invitations/{id}/accept': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Become a member */
    post: operations['Me_accept'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/me/invitations/{id}/decline': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Decline an invitation
     * @description The organization does not ask again before the invitation would have expired.
     */
    post: operations['Me_decline'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/me/memberships/{organizationId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Leave an organization
     * @description As removing a member does, with the keys that the user made.
     */
    delete: operations['Me_leave'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/api-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the API keys of an organization, newest first */
    get: operations['ApiKeys_list'];
    put?: never;
    /**
     * Create an API key
     * @description An organization has at most 100 keys that may be used (409 `too_many_api_keys`), rotated ones that live on included. A key that ends makes none that ends later: where no end is asked for, the new one ends with it, and a later one is refused (403 `expiry_not_held`).
     */
    post: operations['ApiKeys_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/api-keys/{keyId}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Let a new key take the place of one
     * @description The new key has the same name and scopes. The old one lives on for `overlap_seconds`, which must not be 0 where it rotates itself (409 `api_key_in_use`). The new one ends no later than the key that the call is made with (403 `expiry_not_held` where that is asked for).
     */
    post: operations['ApiKeys_rotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/api-keys/{keyId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revoke an API key
     * @description At once and everywhere: the next call is refused, and open sockets are ended. So end the keys that it made, and those that these made, unless `keys` is `keep`; the one that took its place by rotation stays.
     */
    delete: operations['ApiKeys_revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/api-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the API keys of the whole service, newest first */
    get: operations['AdminApiKeys_list'];
    put?: never;
    /** Create an API key that may do everything */
    post: operations['AdminApiKeys_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/api-keys/{keyId}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let a new key take the place of one */
    post: operations['AdminApiKeys_rotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/api-keys/{keyId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revoke an API key of the whole service
     * @description Keys of the whole service that it made end with it, unless `keys` is `keep`. Those that it made for organizations stay, unless `keys` is `all`.
     */
    delete: operations['AdminApiKeys_revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what the organization decides for itself */
    get: operations['Settings_get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change what the organization decides for itself
     * @description Holds for the next message, on every node. Automatic replies are written only to who wrote before, in a chat with one person, within ten minutes of the message, at most 5 an hour and 10 a day to a contact; they leave as any other message does, and say why in `reason`.
     */
    patch: operations['Settings_change'];
    trace?: never;
  };
  '/api/contacts/{id}/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Export everything about a contact as one JSON file
     * @description Contact with its former addresses and the ids of contacts that were joined with it, messages (those that the person wrote in groups, too), notes, bookings, delivered rows of the inbox with what they say, the ledger of unreadable messages, memberships in groups, and events, with counts. Written while it is read from the database: a file without `counts` at its end is not complete.
     */
    post: operations['ContactRights_export'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/erasures': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List receipts of erasures, newest first */
    get: operations['Erasures_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/erasures/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one receipt */
    get: operations['Erasures_get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/organizations/{id}/retention': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how long the organization keeps what */
    get: operations['Retention_get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change how long the organization keeps what
     * @description What is older is deleted in the background, within an hour or so. Messages that wait to be processed or sent are kept however old they are, and so are delivered rows that could not be read. Entries of the audit log are kept for the days that the operator sets (`AUDIT_MIN_DAYS`, 365 by default) at least.
     */
    patch: operations['Retention_update'];
    trace?: never;
  };
  '/api/admin/queue-stats': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How many received messages wait for the worker */
    get: operations['Admin_getQueueStats'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/inbox/redrive': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give dead messages another chance, or unsupported ones
     * @description Sets dead messages back to pending, those first whose last chance was longest ago. The worker takes them at once, in the place in which they arrived. What cannot be routed yet again is dead again. With a `kind`, messages that a newer version may understand are read once more where they stand, as long as retention keeps what they brought: no second booking, no second `whatsapp:message`, but a `whatsapp:message-updated`.
     */
    post: operations['InboxRedrive_redrive'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/nodes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the processes of the service, by id
     * @description Those that gave a sign of life in the last hour.
     */
    get: operations['Operations_nodes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/leases': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List which process runs which number, the newest number first */
    get: operations['Operations_leases'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/inbox/dead': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List received messages that could not be decoded, the last received first
     * @description Without what is in them. `POST /api/admin/inbox/redrive` gives them another chance.
     */
    get: operations['Operations_dead'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/throughput': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count what was received and sent by the minute, and how long it took */
    get: operations['Operations_throughput'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the service answers */
    get: operations['Health_getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process should be left alive; looks at nothing outside it */
    get: operations['Health_getLiveness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the service can do its work, by part */
    get: operations['Health_getReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/sign-in/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Sign a user in with e-mail and password */
    post: operations['SignIn_password'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/sign-in/magic-link': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a user a link that signs in
     * @description The link leads to the page that asks. The answer is the same whether somebody has that address or not. The provider has to allow the address of the page (Supabase: Redirect URLs).
     */
    post: operations['SignIn_magicLink'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/sign-in/refresh': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Give a new session for a refresh token, which works once */
    post: operations['SignIn_refresh'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/sign-out': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End the session of the user's token
     * @description It is renewed no more; the token itself is valid to its end. Of any other token nothing happens.
     */
    post: operations['SignIn_signOut'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/console': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Say how to sign in
     * @description For pages, before anybody has signed in; needs no token.
     */
    get: operations['Console_facts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ErrorDetailResponse: {
      /**
       * @description The field; empty for the request as a whole.
       * @example phone_number
       */
      path: string;
      /** @example is required */
      message: string;
    };
    ErrorResponse: {
      /** @enum {boolean} */
      success: false;
      /** @description One sentence for people. */
      error: string;
      /** @description Stable, for programs. */
      code: string;
      /** @description Also in the `x-request-id` header; finds the call in the log. */
      requestId: string;
      /** @description Faults by field: with each 400, and with no other. */
      details?: components['schemas']['ErrorDetailResponse'][];
      /** @description With `events_expired` alone: sequence of the oldest event that is kept. */
      oldest?: number;
    };
    AuditEntryResponse: {
      /** @example 1042 */
      id: string;
      /** Format: date-time */
      at: string;
      /**
       * @description null where it is about none.
       * @example org_123
       */
      organization_id: string | null;
      /**
       * @description open, administrator, api-key, user, operator: the command line, or service: what it does by itself.
       * @example api-key
       */
      actor_kind: string;
      /** @example 3f0e4b0e-9d0c-4f4a-8f6f-7a106f1c1a52 */
      actor_id: string;
      /** @example front desk */
      actor_name: string;
      /**
       * @description The route, the socket event, or the command.
       * @example DELETE /api/contacts/:id
       */
      action: string;
      /** @example contacts */
      object_type: string | null;
      object_id: string | null;
      /** @description Finds the call in the log. */
      request_id: string | null;
      /** @example 127.0.0.1 */
      address: string | null;
      /**
       * @description begun: it is not over, its caller went away before the answer, or the process ended; it may have been done.
       * @enum {string}
       */
      outcome: 'begun' | 'done' | 'refused' | 'failed';
      /**
       * @description HTTP status of the answer.
       * @example 200
       */
      status: number | null;
      /** @description What was asked, as far as it says nothing about a person; `fields` names the rest. */
      details: {
        [key: string]: unknown;
      };
    };
    EventResponse: {
      /**
       * @description Gapless for each organization, from 1.
       * @example 1
       */
      sequence: number;
      /** @enum {string} */
      name:
        | 'whatsapp:connected'
        | 'whatsapp:disconnected'
        | 'whatsapp:restricted'
        | 'whatsapp:message'
        | 'whatsapp:group-message'
        | 'whatsapp:group'
        | 'whatsapp:message-sent'
        | 'whatsapp:message-status'
        | 'whatsapp:message-edited'
        | 'whatsapp:message-deleted'
        | 'whatsapp:message-updated'
        | 'whatsapp:reaction'
        | 'whatsapp:note'
        | 'whatsapp:media'
        | 'whatsapp:contact'
        | 'whatsapp:booking';
      /** @description Exactly as the Socket.IO event of this name carried it; `{ "erased": true }` where the person was erased since. */
      payload: {
        [key: string]: unknown;
      };
    };
    CreatedInstanceResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** @example Main WhatsApp */
      instance_name: string;
      /** @example 5511999887766 */
      phone_number: string | null;
      /** @enum {string} */
      status: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
      /**
       * @description Method of the last connect.
       * @enum {string}
       */
      pairing_method: 'code' | 'qr';
      /** Format: date-time */
      created_at: string;
    };
    CreateInstanceDto: {
      /** @example org_123 */
      organization_id: string;
      /** @example Main WhatsApp */
      instance_name: string;
      /**
       * @description The owner's number; used for the pairing code.
       * @example 5511999887766
       */
      phone_number?: string | null;
    };
    RestrictionResponse: {
      /**
       * @description `new_chats`: messages to those who did not write before are refused.
       * @enum {string}
       */
      kind: 'new_chats';
      /**
       * @description WhatsApp's name for why.
       * @example biz_quality
       */
      reason: string;
      /**
       * Format: date-time
       * @description Null: it was not said.
       */
      until: string | null;
    };
    InstanceResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** @example Main WhatsApp */
      instance_name: string;
      /** @example 5511999887766 */
      phone_number: string | null;
      /** @enum {string} */
      status: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
      /**
       * @description Method of the last connect.
       * @enum {string}
       */
      pairing_method: 'code' | 'qr';
      /** Format: date-time */
      created_at: string;
      /** @description The number of the linked account. */
      connected_phone_number: string | null;
      /** Format: date-time */
      last_connected_at: string | null;
      /**
       * @description Why it is not on line, or why linking a phone ended without a link; the `reason` of `whatsapp:disconnected`. `qr_expired`: nobody scanned a QR code in time; `pairing_code_expired`: the code was not typed on the phone in time; `pairing_rejected`: WhatsApp refused to link this number; `pairing_rate_limited`: WhatsApp gives this number no further code for a while; `pairing_failed`: WhatsApp or the phone broke off; `pairing_replaced`: a newer connect call took its place; `pairing_cancelled`: the instance was logged out or deleted meanwhile; `wrong_phone`: the phone that scanned has another number than the instance; `whatsapp_unavailable`: WhatsApp could not be reached, or did not answer in time; `server_not_trusted`: the server that answered could not prove that it is WhatsApp; `client_outdated`: WhatsApp takes this version of the service no more; `storage_unavailable`: the database could not be reached; `service_stopped`: the service was stopped; `service_restarted`: the process that showed the code is gone; `network`: WhatsApp can not be reached; `connection_closed`: WhatsApp closed the line; `connection_lost`: the line fell silent; `service_unavailable`: WhatsApp is not available; `handshake_refused`: WhatsApp refused the handshake; `upgrade_refused`: something before WhatsApp refused the connection; `unclassified`: the line ended in a way that is not known; `restart_required`: WhatsApp asked for a new connection; `stalled`: the session stood still; `too_many_failures`: the line fails again and again; `replaced`: another client took the place of this one; `logged_out`: the device was removed from the account; `logout_expired`: the device of the deleted instance could not be removed from the account in time; `not_linked`: the instance is not linked; `banned`: WhatsApp banned the number; `temporarily_banned`: WhatsApp banned the number for a while; `device_refused`: WhatsApp refuses the device; `no_multi_device`: the account can not have linked devices; `storage_refused`: the database refused what was to be stored; `session_unreadable`: the stored session can not be read; `handed_over`: another process goes on with it.
       * @enum {string|null}
       */
      last_disconnect_reason:
        | 'qr_expired'
        | 'pairing_code_expired'
        | 'pairing_rejected'
        | 'pairing_rate_limited'
        | 'pairing_failed'
        | 'pairing_replaced'
        | 'pairing_cancelled'
        | 'wrong_phone'
        | 'whatsapp_unavailable'
        | 'server_not_trusted'
        | 'client_outdated'
        | 'storage_unavailable'
        | 'service_stopped'
        | 'service_restarted'
        | 'network'
        | 'connection_closed'
        | 'connection_lost'
        | 'service_unavailable'
        | 'handshake_refused'
        | 'upgrade_refused'
        | 'unclassified'
        | 'restart_required'
        | 'stalled'
        | 'too_many_failures'
        | 'replaced'
        | 'logged_out'
        | 'logout_expired'
        | 'not_linked'
        | 'banned'
        | 'temporarily_banned'
        | 'device_refused'
        | 'no_multi_device'
        | 'storage_refused'
        | 'session_unreadable'
        | 'handed_over'
        | null;
      /** @description What WhatsApp limits of the account now; `whatsapp:restricted` tells each change. */
      restriction: components['schemas']['RestrictionResponse'] | null;
      /**
       * @description As `PATCH` sets it.
       * @enum {string}
       */
      history: 'ignore' | 'store' | 'contacts';
      /**
       * @description As `PATCH` sets it.
       * @enum {string}
       */
      groups: 'ignore' | 'store';
      /** @example 0 */
      messages_sent_count: number;
      /** @example 0 */
      messages_received_count: number;
      /** Format: date-time */
      updated_at: string;
    };
    UpdateInstanceDto: {
      /**
       * @description The owner's number; null forgets it.
       * @example 5511999887766
       */
      phone_number?: string | null;
      /** @example Main WhatsApp */
      instance_name?: string;
      /**
       * @description What becomes of messages of the time before the link. `store`: they are stored as history. `contacts`: their authors become contacts, too. Never bookings, never events.
       * @enum {string}
       */
      history?: 'ignore' | 'store' | 'contacts';
      /**
       * @description What becomes of messages that are written in groups. `store`: they are messages of the group (`GET /api/groups`), with events of their own; never contacts, conversations or bookings. What is stored stays when it is switched off. Counts within 10 s everywhere.
       * @enum {string}
       */
      groups?: 'ignore' | 'store';
    };
    LogoutResponse: {
      /** Format: uuid */
      instance_id: string;
      /**
       * @description pending: it is tried whenever there is a line. done: the device is not linked any more. failed: it is given up, and only the phone can remove the device.
       * @enum {string}
       */
      state: 'pending' | 'done' | 'failed';
      /** Format: date-time */
      requested_at: string;
      /**
       * Format: date-time
       * @description Until when it is tried (LOGOUT_HOURS); null once it is over.
       */
      expires_at: string | null;
      /** Format: date-time */
      ended_at: string | null;
      /**
       * @description How it ended; null while it goes on.
       * @enum {string|null}
       */
      result:
        | 'confirmed'
        | 'already_unlinked'
        | 'banned'
        | 'not_linked'
        | 'expired'
        | 'session_unreadable'
        | 'unconfirmed'
        | null;
      /**
       * @description Why the instance is off line, as far as it is known.
       * @example network
       */
      reason: string | null;
      /** @description The same in a sentence, and what to do. */
      message: string;
    };
    ConnectInstanceDto: {
      /**
       * @description The number to link; the instance's stored number where it is left out. Method 'code' needs one; with method 'qr' a phone with another number is not linked (`wrong_phone`).
       * @example 5511999887766
       */
      phone_number?: string | null;
      /**
       * @description `"code"` where it is left out.
       * @enum {string}
       */
      method?: 'code' | 'qr';
    };
    ConnectResponse: {
      /** @enum {boolean} */
      success: true;
      /**
       * @description Method 'code'.
       * @example ABCD1234
       */
      pairingCode?: string;
      /** @enum {string} */
      method: 'code' | 'qr';
      /** @description What happens next, where no code has to be typed. */
      message?: string;
      /**
       * @description Only with 202: where to ask how it went.
       * @example /api/whatsapp/instances/1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11/status
       */
      status_url?: string;
    };
    InstanceStatusResponse: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      status: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
      /** @example 5511999887766 */
      phone_number: string | null;
      /** Format: date-time */
      last_connected_at: string | null;
      /** @example 3 */
      messages_sent_count: number;
      /** @example 12 */
      messages_received_count: number;
    };
    InstanceStatusAnswer: {
      instance: components['schemas']['InstanceStatusResponse'];
      /** @description Whether its WhatsApp client is active in memory, in whichever process. */
      is_running: boolean;
    };
    TypingDto: {
      /**
       * @description As `to` of the call that sends.
       * @example 5511999887766
       */
      to: string;
      /** @enum {string} */
      state: 'composing' | 'recording' | 'paused';
    };
    RecipientDto: {
      /**
       * @description As `to` of the call that sends.
       * @example 5511999887766
       */
      to: string;
    };
    NumberResponse: {
      /** @enum {boolean} */
      success: true;
      exists: boolean;
      /**
       * @description As WhatsApp spells it, maybe without a digit that was asked for.
       * @example 5511999887766
       */
      phone_number: string | null;
      /** @description WhatsApp's privacy id. */
      lid: string | null;
      /** @description Left out where WhatsApp did not say it in time. */
      business?: boolean;
    };
    SendFileForm: {
      /**
       * @description Required but for reactions. Phone number with country code, digits only; `…@s.whatsapp.net` and `…@c.us` are taken too, and `…@lid` for a client whose number WhatsApp does not tell, as in `from` of `whatsapp:message`. A new number is asked of WhatsApp, also where no numbering plan has it. Groups (`…@g.us`), channels, broadcast lists and status updates are not supported.
       * @example 5511999887766
       */
      to?: string;
      /**
       * @description What is sent. May be left out where a field of the body says it.
       * @enum {string}
       */
      type?:
        | 'text'
        | 'image'
        | 'video'
        | 'gif'
        | 'video_note'
        | 'audio'
        | 'voice'
        | 'document'
        | 'sticker'
        | 'location'
        | 'contact'
        | 'poll'
        | 'reaction';
      /** @description Of a file. */
      caption?: string;
      /** @example menu.pdf */
      file_name?: string;
      /** @description A picture or video that can be looked at once. */
      view_once?: boolean;
      /**
       * Format: uuid
       * @description Id of the message that is answered.
       */
      reply_to?: string;
      /** @description Phone numbers, or `…@lid`, of whom the text mentions by `@` and the digits. */
      mentions?: string[];
      /** Format: binary */
      file: Blob;
    };
    ContactInput: {
      /** @example Ana */
      name: string;
      /**
       * @example [
       *       "5511999887766"
       *     ]
       */
      phone_numbers: string[];
    };
    MediaSource: {
      /**
       * Format: uuid
       * @description Of an upload (`POST /api/media`).
       */
      id?: string | null;
      /**
       * @description An address that begins with https:// or http://.
       * @example https://example.com/menu.pdf
       */
      url?: string | null;
    };
    LocationInput: {
      /** @example -23.5505 */
      latitude: number;
      /** @example -46.6333 */
      longitude: number;
      /** @example Clinic */
      name?: string | null;
      address?: string | null;
    };
    PollInput: {
      /** @example When? */
      question: string;
      /**
       * @description They differ from one another.
       * @example [
       *       "Monday",
       *       "Tuesday"
       *     ]
       */
      options: string[];
      /** @description How many of them may be chosen; 0: any number. `1` where it is left out. */
      selectable?: number | null;
    };
    ReactionInput: {
      /**
       * Format: uuid
       * @example 1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11
       */
      message_id: string;
      /**
       * @description One emoji; empty takes it back.
       * @example 👍
       */
      emoji: string;
    };
    SendMessageDto: {
      /**
       * @description Required but for reactions. Phone number with country code, digits only; `…@s.whatsapp.net` and `…@c.us` are taken too, and `…@lid` for a client whose number WhatsApp does not tell, as in `from` of `whatsapp:message`. A new number is asked of WhatsApp, also where no numbering plan has it. Groups (`…@g.us`), channels, broadcast lists and status updates are not supported.
       * @example 5511999887766
       */
      to?: string;
      /**
       * @description The text, required where nothing else is sent. Counted in characters, whatever they take in bytes or as escapes.
       * @example Hello from AuZap!
       */
      message?: string;
      /** @description Whether the first link of the text shows a preview; `LINK_PREVIEWS` of the service says what is done where this is left out, and may forbid it. The page is called for it, for up to 3 s; where it gives nothing, the text goes without. */
      link_preview?: boolean;
      /**
       * @description What is sent. May be left out where a field of the body says it.
       * @enum {string}
       */
      type?:
        | 'text'
        | 'image'
        | 'video'
        | 'gif'
        | 'video_note'
        | 'audio'
        | 'voice'
        | 'document'
        | 'sticker'
        | 'location'
        | 'contact'
        | 'poll'
        | 'reaction';
      /**
       * @description `{ id }` of an upload (`POST /api/media`), or `{ url }`, for the types with a file.
       * @example {
       *       "url": "https://example.com/menu.pdf"
       *     }
       */
      media?: components['schemas']['MediaSource'];
      /**
       * @description A picture, as `media` names one, that phones show of a video, GIF, video note or document until it is opened; none is made of these.
       * @example {
       *       "url": "https://example.com/menu.jpg"
       *     }
       */
      thumbnail?: components['schemas']['MediaSource'];
      /** @description Of a file. */
      caption?: string;
      /** @example menu.pdf */
      file_name?: string;
      /** @description A picture or video that can be looked at once. */
      view_once?: boolean;
      /**
       * @example {
       *       "latitude": -23.5505,
       *       "longitude": -46.6333,
       *       "name": "Clinic"
       *     }
       */
      location?: components['schemas']['LocationInput'];
      /**
       * @description A card, or a list of them.
       * @example {
       *       "name": "Ana",
       *       "phone_numbers": [
       *         "5511999887766"
       *       ]
       *     }
       */
      contact?: components['schemas']['ContactInput'] | components['schemas']['ContactInput'][];
      /**
       * @example {
       *       "question": "When?",
       *       "options": [
       *         "Monday",
       *         "Tuesday"
       *       ],
       *       "selectable": 1
       *     }
       */
      poll?: components['schemas']['PollInput'];
      /**
       * @description Goes where that message is.
       * @example {
       *       "message_id": "1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11",
       *       "emoji": "👍"
       *     }
       */
      reaction?: components['schemas']['ReactionInput'];
      /**
       * Format: uuid
       * @description Id of the message that is answered.
       */
      reply_to?: string;
      /** @description Phone numbers, or `…@lid`, of whom the text mentions by `@` and the digits. */
      mentions?: string[];
    };
    SentMessageResponse: {
      /** @enum {boolean} */
      success: true;
      /**
       * Format: uuid
       * @description Of the row in `messages`.
       */
      message_id: string;
      /**
       * @description WhatsApp's id of the message.
       * @example 3EB0C767D097B7C7C030
       */
      whatsapp_message_id: string;
      /**
       * @description unknown: WhatsApp did not confirm it in time; it is resolved later, never by sending it under another id.
       * @enum {string}
       */
      status: 'sent' | 'unknown';
      /**
       * @description Only with 202: where to ask how it went.
       * @example /api/messages/1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11
       */
      status_url?: string;
    };
    EditMessageDto: {
      /** @example We open at 9. */
      message: string;
    };
    IntegrityResponse: {
      /** @enum {boolean} */
      success: true;
      /** Format: uuid */
      instance_id: string;
      /** Format: date-time */
      from: string;
      /** Format: date-time */
      to: string;
      /**
       * @description Everything that WhatsApp delivered in the period and that was committed before it was acknowledged: messages of any kind and placeholders of unreadable ones. The same delivery repeated counts once. Always the sum of stored, notes, groups, skipped, duplicates, pending, dead and undecrypted.
       * @example 120
       */
      received: number;
      /**
       * @description Clients' messages that were stored.
       * @example 97
       */
      stored: number;
      /**
       * @description The owner's messages, stored as notes.
       * @example 8
       */
      notes: number;
      /**
       * @description Messages of groups that were stored, where the instance stores those.
       * @example 0
       */
      groups: number;
      /**
       * @description Nothing to store: status, reactions, protocol traffic …; see by_reason.
       * @example 11
       */
      skipped: number;
      /**
       * @description New copies of what was known already.
       * @example 1
       */
      duplicates: number;
      /**
       * @description Committed, and waiting for the worker.
       * @example 0
       */
      pending: number;
      /**
       * @description Could not be routed; kept, and routed again by POST /api/admin/inbox/redrive.
       * @example 0
       */
      dead: number;
      /**
       * @description Messages that could not be decrypted, or of which WhatsApp delivered only a placeholder: the sum of waiting, recovered and given_up.
       * @example 3
       */
      undecrypted: number;
      /**
       * @description A readable copy was asked for and may come.
       * @example 1
       */
      waiting: number;
      /**
       * @description A readable copy came; that copy is counted by itself, e.g. as stored.
       * @example 2
       */
      recovered: number;
      /**
       * @description No readable copy came in time. One that comes later still turns it into recovered.
       * @example 0
       */
      given_up: number;
      /**
       * @description Of given_up, those of direct chats and of the owner's chat with itself: what people wrote and nobody here can read.
       * @example 0
       */
      lost: number;
      /**
       * @description Why messages were skipped or are dead.
       * @example {
       *       "protocol": 9,
       *       "reaction": 2
       *     }
       */
      by_reason: {
        [key: string]: number;
      };
    };
    UndecryptedMessageResponse: {
      /**
       * @description WhatsApp's id.
       * @example 3EB0C767D097B7C7C030
       */
      message_id: string;
      /** @example 5511988887777@s.whatsapp.net */
      chat: string;
      /** @enum {string} */
      chat_kind: 'direct' | 'self' | 'group' | 'status' | 'broadcast' | 'newsletter' | 'bot' | 'other';
      /** @description Written by the linked account itself. */
      from_me: boolean;
      /**
       * @description Number of the other side of a direct chat, of the author elsewhere.
       * @example 5511988887777
       */
      phone_number: string | null;
      /**
       * @description Privacy id of the same person.
       * @example 222
       */
      lid: string | null;
      /** @enum {string} */
      state: 'waiting' | 'recovered' | 'given_up';
      /**
       * Format: date-time
       * @description When WhatsApp says that it was sent.
       */
      sent_at: string;
      /** Format: date-time */
      received_at: string;
      /**
       * Format: date-time
       * @description When it was recovered or given up.
       */
      settled_at: string | null;
    };
    PacingResponse: {
      /**
       * @description Messages that it was to send in the last minute.
       * @example 2
       */
      last_minute: number;
      /** @example 40 */
      last_hour: number;
      /** @example 210 */
      last_day: number;
      /**
       * @description Of the last day: those that are not sent yet.
       * @example 0
       */
      waiting: number;
      /**
       * @description People that it wrote to in the last day.
       * @example 80
       */
      people: number;
      /**
       * @description Of these, who never wrote to the organization: many of them are what WhatsApp limits numbers for.
       * @example 3
       */
      strangers: number;
    };
    HistorySyncResponse: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      state: 'pending' | 'done' | 'failed' | 'skipped';
      /**
       * @description Why it was handed over.
       * @example recent
       */
      type: string | null;
      chunk_order: number | null;
      /** @description The phone's word, in per cent. */
      progress: number | null;
      /** @description The request that it answers. */
      request_id: string | null;
      /** @description Messages that were not there before. */
      stored: number;
      /** @description Messages that were there already, or are not to be kept. */
      known: number;
      /**
       * @description Why it failed, or failed last.
       * @example expired
       */
      error: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    HistoryResponse: {
      /** Format: uuid */
      instance_id: string;
      /**
       * @description As `PATCH` of the instance sets it.
       * @enum {string}
       */
      policy: 'ignore' | 'store' | 'contacts';
      /**
       * @description `none`: nothing was handed over. `running`: pieces wait or are being stored.
       * @enum {string}
       */
      state: 'none' | 'running' | 'done' | 'failed';
      /** @description The phone's last word, in per cent. */
      progress: number | null;
      /** @description Stored messages and notes. */
      messages: number;
      /** @description Pieces that wait or are being stored. */
      pending: number;
      done: number;
      failed: number;
      /** @description The last 50 pieces, the newest first. */
      syncs: components['schemas']['HistorySyncResponse'][];
    };
    FetchHistoryDto: {
      /**
       * Format: uuid
       * @description With whom the chat is.
       * @example b3f1c1de-3f4e-4a52-8c66-1f3b7a4c2d10
       */
      contact_id: string;
      /** @description How many messages are asked for. `50` where it is left out. */
      count?: number;
    };
    ContactResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /**
       * @description null while only the LID is known, and once the number is somebody else's.
       * @example 5511999887766
       */
      phone_number: string | null;
      /** @description WhatsApp's privacy id. */
      lid: string | null;
      /**
       * @description Unknown until somebody names it.
       * @example Ana
       */
      name: string;
      /**
       * @description Who gave the name.
       * @enum {string}
       */
      name_source: 'unknown' | 'push' | 'person';
      /** Format: date-time */
      last_message_at: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
      /**
       * Format: uuid
       * @description Where another id was asked for: that contact was joined with this one, whose id this is. Otherwise null.
       */
      merged_into: string | null;
    };
    SearchContactsDto: {
      /** @description `50` where it is left out. */
      limit?: number;
      /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
      cursor?: string;
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /**
       * @description Only contacts with these words in their name or number. Words are separated by spaces, 8 at most; all have to be there, in any order, each also as a part of a longer word. Case and accents make no difference, and every other character is itself: `%`, `_` and `*` stand for nothing else.
       * @example horario
       */
      search?: string;
      /**
       * @description What the list is sorted by; with a `-` before it the other way round. `"-created_at"` where it is left out.
       * @enum {string}
       */
      sort?: '-created_at' | 'created_at' | 'name' | '-name';
      /**
       * @description Only these fields of each item, with commas between them: then the others are missing, also those that the schema of the answer requires. `id` is there in any case. They are: id, organization_id, phone_number, lid, name, name_source, last_message_at, created_at, updated_at, merged_into.
       * @example id,organization_id,phone_number
       */
      fields?: string;
      /**
       * @description This number, with or without a digit that WhatsApp may leave out (Brazil's ninth digit).
       * @example 5511999887766
       */
      phone_number?: string;
      /**
       * @description Only these contacts; the id of one that was joined with another stands for that one. With commas between them, 100 at most.
       * @example 6f9619ff-8b86-4d01-b42d-00cf4fc964ff
       */
      ids?: string;
    };
    ContactMergeResponse: {
      /**
       * Format: uuid
       * @description Takes it back; null where WhatsApp said that both are one person.
       */
      merge_id: string | null;
      /**
       * Format: uuid
       * @description Of the contact that it was.
       */
      contact_id: string;
      /**
       * Format: uuid
       * @description Which it became part of: this contact, or one that did itself.
       */
      merged_into: string;
      /**
       * @description Who said that they are one.
       * @enum {string}
       */
      merged_by: 'person' | 'whatsapp';
      /** @example 5511999887766 */
      phone_number: string | null;
      lid: string | null;
      /** @example Ana */
      name: string | null;
      /** Format: date-time */
      merged_at: string;
    };
    MergeContactsDto: {
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /**
       * Format: uuid
       * @description The contact that becomes part of the one in the address.
       * @example 3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11
       */
      contact_id: string;
    };
    UnmergeContactDto: {
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /**
       * Format: uuid
       * @description As the merge answered it, and `GET /api/contacts/:id` lists it.
       * @example 7b0e2f7e-5d0a-4c43-8a3a-3c2f3f1d6c20
       */
      merge_id: string;
    };
    RenameContactDto: {
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /** @example Ana from the corner */
      name: string | null;
    };
    MessageSenderResponse: {
      /** @example Ana */
      name: string | null;
      /** @example 5511988887777 */
      phone_number: string | null;
      lid: string | null;
    };
    RepliedResponse: {
      /**
       * Format: uuid
       * @description Null where it is not here.
       */
      id: string | null;
      whatsapp_message_id: string;
      from_me: boolean;
      /** @description As it is quoted. */
      content: string;
    };
    ReactionResponse: {
      /** @example 👍 */
      emoji: string;
      /** @example 5511988887777 */
      from: string | null;
      from_me: boolean;
      /** Format: date-time */
      reacted_at: string;
    };
    MessageMediaResponse: {
      /**
       * @description failed may be asked for again; skipped: over the limit, or switched off.
       * @enum {string}
       */
      state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
      /**
       * @description By its content, once it is here.
       * @example image/jpeg
       */
      mime_type: string | null;
      file_name: string | null;
      /** @description Bytes. */
      size: number | null;
      seconds: number | null;
      width: number | null;
      height: number | null;
      /** @description Of a voice note, where its sender says it: 64 loudnesses of 0 to 100. */
      waveform: number[] | null;
      /** @description Hexadecimal. */
      sha256: string | null;
      /** @description Where its bytes are, once it is ready. */
      url: string | null;
      thumbnail_url: string | null;
      error: string | null;
    };
    StatusTimesResponse: {
      /** Format: date-time */
      sent: string | null;
      /** Format: date-time */
      delivered: string | null;
      /** Format: date-time */
      read: string | null;
      /** Format: date-time */
      played: string | null;
    };
    MessageResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** Format: uuid */
      instance_id: string;
      /** Format: uuid */
      contact_id: string | null;
      /**
       * Format: uuid
       * @description The group in which it was written; such a message has no contact.
       */
      group_id: string | null;
      /** @description Who wrote it, in a group. */
      sender: components['schemas']['MessageSenderResponse'] | null;
      /** @enum {string} */
      direction: 'inbound' | 'outbound';
      /** @example Hello from AuZap! */
      content: string;
      /**
       * @description `unsupported`: what nobody knows yet.
       * @enum {string}
       */
      type:
        | 'text'
        | 'image'
        | 'video'
        | 'video_note'
        | 'gif'
        | 'voice'
        | 'audio'
        | 'document'
        | 'sticker'
        | 'location'
        | 'live_location'
        | 'contact'
        | 'poll'
        | 'event'
        | 'order'
        | 'product'
        | 'call'
        | 'group_invite'
        | 'album'
        | 'payment'
        | 'unsupported';
      /** @description What is in it, by `type`; see docs/messages.md. */
      metadata: {
        [key: string]: unknown;
      } | null;
      /** @description The message that it answers. */
      reply_to: components['schemas']['RepliedResponse'] | null;
      /**
       * @example [
       *       "5511988887777"
       *     ]
       */
      mentions: string[];
      is_forwarded: boolean;
      is_view_once: boolean;
      /** @description Those that stand. */
      reactions: components['schemas']['ReactionResponse'][];
      /** @description The file of it. */
      media: components['schemas']['MessageMediaResponse'] | null;
      /** @description Why the service wrote it by itself: `automatic: first_message`, `automatic: outside_hours`, `automatic: booking_confirmed` or `automatic: booking_cancelled`. null: somebody wrote it. */
      reason: string | null;
      /** Format: date-time */
      edited_at: string | null;
      /**
       * Format: date-time
       * @description Taken back for everyone; nothing of what it said is left.
       */
      deleted_at: string | null;
      /**
       * @description WhatsApp's name for the kind of message; `text` for a plain text of the API.
       * @example conversation
       */
      content_type: string;
      /** @example 3EB0C767D097B7C7C030 */
      whatsapp_message_id: string | null;
      /**
       * @description pending: about to be sent. unknown: it may or may not have left; this is resolved later, never by sending it under another id.
       * @enum {string}
       */
      status: 'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'unknown';
      /** @description When WhatsApp took it, and when the recipient had, read and played it, as far as that is known. */
      status_at: components['schemas']['StatusTimesResponse'];
      /**
       * @description Why sending failed, while `status` is `failed`; the `code` that whoever sent it was told. What each means is said at the call that sends.
       * @enum {string|null}
       */
      error:
        | 'recipient_not_on_whatsapp'
        | 'whatsapp_rate_limited'
        | 'whatsapp_contact_restricted'
        | 'whatsapp_forbidden'
        | 'whatsapp_unauthorized'
        | 'whatsapp_recipient_not_found'
        | 'whatsapp_recipient_gone'
        | 'whatsapp_not_allowed'
        | 'whatsapp_not_acceptable'
        | 'whatsapp_bad_request'
        | 'whatsapp_wrong_addressing'
        | 'whatsapp_stanza_rejected'
        | 'whatsapp_refused'
        | 'whatsapp_timeout'
        | 'whatsapp_internal_error'
        | 'whatsapp_unavailable'
        | 'encryption_failed'
        | 'media_upload_failed'
        | 'media_unavailable'
        | 'not_confirmed'
        | 'not_confirmed_in_time'
        | 'session_ended'
        | 'account_changed'
        | 'message_deleted'
        | 'unsupported_content'
        | 'send_failed'
        | null;
      /**
       * Format: date-time
       * @description When WhatsApp says that it was sent.
       */
      sent_at: string;
      /** Format: date-time */
      created_at: string;
    };
    BookingResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** Format: uuid */
      contact_id: string;
      /** Format: uuid */
      instance_id: string | null;
      /** @enum {string} */
      status: 'pending' | 'confirmed' | 'cancelled' | 'completed';
      /**
       * @description `whatsapp`: a client's message opened it; `api`: somebody made it.
       * @example whatsapp
       */
      source: string;
      /**
       * @description Why the service opened it by itself: a contact's first message of all, or the booking policy with a later one. null: somebody made it.
       * @enum {string|null}
       */
      reason: 'first_message' | 'policy' | null;
      /**
       * Format: uuid
       * @description One of the organization's services.
       */
      service_id: string | null;
      /**
       * @description How the service was called when it was chosen.
       * @example Haircut
       */
      service: string | null;
      /** @example Haircut */
      title: string | null;
      /** @example Short, as last time */
      notes: string | null;
      /** Format: date-time */
      starts_at: string | null;
      /** Format: date-time */
      ends_at: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    ConversationResponse: {
      contact: components['schemas']['ContactResponse'];
      last_message: components['schemas']['MessageResponse'];
      /**
       * @description Messages of the contact that were read neither here nor on a phone; counted up to 1,000.
       * @example 2
       */
      unread_count: number;
      open_booking: components['schemas']['BookingResponse'] | null;
    };
    EarlierTextResponse: {
      content: string;
      /**
       * Format: date-time
       * @description When it was edited away.
       */
      edited_at: string;
    };
    MediaLinkResponse: {
      /**
       * @description Whoever has it may read the file: for the page that asks, not to be kept or passed on.
       * @example /api/media-link?token=AbC…
       */
      url: string;
      /**
       * Format: date-time
       * @description Until when it leads to the file: for an hour.
       */
      expires_at: string;
    };
    CreateBookingDto: {
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /** @example Haircut */
      title?: string | null;
      /** @example Short */
      notes?: string | null;
      /** Format: date-time */
      starts_at?: string | null;
      /**
       * Format: date-time
       * @description Later than `starts_at`. With a service, what is left out is its duration after `starts_at`.
       */
      ends_at?: string | null;
      /**
       * Format: uuid
       * @description One of the organization's services (`GET /api/organizations/:id/settings`).
       * @example 7c1b6a52-0d4f-4f57-8f0c-5b1f3c1f2a90
       */
      service_id?: string | null;
      /**
       * Format: uuid
       * @example 3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11
       */
      contact_id: string;
      /**
       * @description `"pending"` where it is left out.
       * @enum {string}
       */
      status?: 'pending' | 'confirmed';
    };
    ChangeBookingDto: {
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /** @example Haircut */
      title?: string | null;
      /** @example Short */
      notes?: string | null;
      /** Format: date-time */
      starts_at?: string | null;
      /**
       * Format: date-time
       * @description Later than `starts_at`. With a service, what is left out is its duration after `starts_at`.
       */
      ends_at?: string | null;
      /**
       * Format: uuid
       * @description One of the organization's services (`GET /api/organizations/:id/settings`).
       * @example 7c1b6a52-0d4f-4f57-8f0c-5b1f3c1f2a90
       */
      service_id?: string | null;
      /**
       * @description `pending` becomes `confirmed` or `cancelled`, `confirmed` becomes `completed` or `cancelled`.
       * @enum {string}
       */
      status?: 'pending' | 'confirmed' | 'cancelled' | 'completed';
    };
    CalendarFeedResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** @example Ana's phone */
      name: string;
      /** Format: date-time */
      created_at: string;
      /**
       * Format: date-time
       * @description When it got its present address; null: when it was made.
       */
      rotated_at: string | null;
    };
    CreateCalendarFeedDto: {
      /**
       * @description Who has the address.
       * @example Ana's phone
       */
      name?: string;
    };
    GroupPersonResponse: {
      /** @example 5511988887777 */
      phone_number: string | null;
      lid: string | null;
    };
    GroupResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** Format: uuid */
      instance_id: string;
      /** @example 120363012345678901@g.us */
      jid: string;
      /** @description What it is called; null until WhatsApp tells it. */
      subject: string | null;
      description: string | null;
      owner: components['schemas']['GroupPersonResponse'] | null;
      /** @example 12 */
      member_count: number;
      /**
       * Format: date-time
       * @description When WhatsApp told who is in it.
       */
      learnt_at: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    GroupMemberResponse: {
      /** @example 5511988887777 */
      phone_number: string | null;
      lid: string | null;
      /** @enum {string} */
      role: 'member' | 'admin' | 'owner';
      /** Format: date-time */
      changed_at: string;
    };
    GroupChangeResponse: {
      /** @enum {string} */
      kind: 'create' | 'subject' | 'description' | 'add' | 'remove' | 'leave' | 'promote' | 'demote';
      /** @description Who did it. */
      by: components['schemas']['GroupPersonResponse'] | null;
      /** @description What it is called since. */
      subject: string | null;
      /** @description Whom it was done to. */
      members: components['schemas']['GroupPersonResponse'][];
      /** Format: date-time */
      changed_at: string;
    };
    GroupDetailResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** Format: uuid */
      instance_id: string;
      /** @example 120363012345678901@g.us */
      jid: string;
      /** @description What it is called; null until WhatsApp tells it. */
      subject: string | null;
      description: string | null;
      owner: components['schemas']['GroupPersonResponse'] | null;
      /** @example 12 */
      member_count: number;
      /**
       * Format: date-time
       * @description When WhatsApp told who is in it.
       */
      learnt_at: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
      members: components['schemas']['GroupMemberResponse'][];
      /** @description The last hundred, the newest first. */
      changes: components['schemas']['GroupChangeResponse'][];
    };
    UploadResponse: {
      /** Format: uuid */
      id: string;
      /**
       * @description By its content.
       * @example image/jpeg
       */
      mime_type: string;
      /**
       * @description In bytes.
       * @example 48213
       */
      size: number;
      /** @description Of its bytes, in hex. */
      sha256: string;
      /**
       * Format: date-time
       * @description Until when it can be sent.
       */
      expires_at: string;
    };
    NoteAuthorResponse: {
      /** @enum {string} */
      kind: 'open' | 'administrator' | 'api-key' | 'user';
      /**
       * @description Of the user or of the API key.
       * @example open
       */
      id: string;
      /** @example Front desk */
      name: string;
    };
    NoteResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /**
       * @description Where it was written.
       * @enum {string}
       */
      source: 'phone' | 'person';
      /** @description Who wrote it here; null for one of the phone. */
      author: components['schemas']['NoteAuthorResponse'] | null;
      /**
       * Format: uuid
       * @description Null for one that was written here.
       */
      instance_id: string | null;
      /**
       * Format: uuid
       * @description The contact it was written to, if known.
       */
      contact_id: string | null;
      /** @example Call Ana back on Monday */
      content: string;
      /**
       * @description WhatsApp's name for the kind of message.
       * @example conversation
       */
      content_type: string;
      /**
       * @description As that of a message.
       * @enum {string}
       */
      type:
        | 'text'
        | 'image'
        | 'video'
        | 'video_note'
        | 'gif'
        | 'voice'
        | 'audio'
        | 'document'
        | 'sticker'
        | 'location'
        | 'live_location'
        | 'contact'
        | 'poll'
        | 'event'
        | 'order'
        | 'product'
        | 'call'
        | 'group_invite'
        | 'album'
        | 'payment'
        | 'unsupported';
      /** @description What is in it, by `type`; see docs/messages.md. */
      metadata: {
        [key: string]: unknown;
      } | null;
      /** @description The message that it answers. */
      reply_to: components['schemas']['RepliedResponse'] | null;
      /**
       * @example [
       *       "5511988887777"
       *     ]
       */
      mentions: string[];
      is_forwarded: boolean;
      is_view_once: boolean;
      /** @description Those that stand. */
      reactions: components['schemas']['ReactionResponse'][];
      /** @description The file of it. */
      media: components['schemas']['MessageMediaResponse'] | null;
      /** Format: date-time */
      edited_at: string | null;
      /**
       * Format: date-time
       * @description Taken back for everyone; nothing of what it said is left.
       */
      deleted_at: string | null;
      /**
       * @description Null for one that was written here.
       * @example 3EB0C767D097B7C7C030
       */
      whatsapp_message_id: string | null;
      /**
       * Format: date-time
       * @description When it was written; of one of the phone, what WhatsApp says.
       */
      sent_at: string;
      /** Format: date-time */
      created_at: string;
    };
    NoteTextDto: {
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /** @example Prefers mornings */
      text: string;
    };
    RedriveResponse: {
      /**
       * @description Goes up with what is taken up.
       * @example 41
       */
      after: number;
      /** @example 99 */
      until: number;
    };
    WebhookResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** @example https://example.com/hooks/whatsapp */
      url: string;
      /**
       * @example [
       *       "whatsapp:message"
       *     ]
       */
      events: (
        | '*'
        | 'whatsapp:connected'
        | 'whatsapp:disconnected'
        | 'whatsapp:restricted'
        | 'whatsapp:message'
        | 'whatsapp:group-message'
        | 'whatsapp:group'
        | 'whatsapp:message-sent'
        | 'whatsapp:message-status'
        | 'whatsapp:message-edited'
        | 'whatsapp:message-deleted'
        | 'whatsapp:message-updated'
        | 'whatsapp:reaction'
        | 'whatsapp:note'
        | 'whatsapp:media'
        | 'whatsapp:contact'
        | 'whatsapp:booking'
      )[];
      /**
       * Format: uuid
       * @description null: events of all instances.
       */
      instance_id: string | null;
      /** @example Booking site */
      description: string;
      /** @enum {string} */
      state: 'active' | 'paused';
      /** Format: date-time */
      paused_at: string | null;
      /**
       * @description failing: a delivery failed for three days. gone: the receiver answered 410.
       * @enum {string|null}
       */
      pause_reason: 'by_request' | 'failing' | 'gone' | 'organization_closed' | null;
      /**
       * Format: date-time
       * @description Since when no delivery came through; null: the last one did.
       */
      failing_since: string | null;
      /**
       * @description Events up to this sequence are among the deliveries; later ones wait to be.
       * @example 41
       */
      last_sequence: number;
      redrive: components['schemas']['RedriveResponse'] | null;
      /**
       * Format: date-time
       * @description Until then the secret before the current one signs, too.
       */
      former_secret_expires_at: string | null;
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      updated_at: string;
    };
    CreateWebhookDto: {
      /**
       * @description Required, unless the token belongs to one organization.
       * @example org_123
       */
      organization_id?: string;
      /**
       * Format: uri
       * @description https, to a public address.
       * @example https://example.com/hooks/whatsapp
       */
      url: string;
      /** @description `*`: all. `["*"]` where it is left out. */
      events?: (
        | '*'
        | 'whatsapp:connected'
        | 'whatsapp:disconnected'
        | 'whatsapp:restricted'
        | 'whatsapp:message'
        | 'whatsapp:group-message'
        | 'whatsapp:group'
        | 'whatsapp:message-sent'
        | 'whatsapp:message-status'
        | 'whatsapp:message-edited'
        | 'whatsapp:message-deleted'
        | 'whatsapp:message-updated'
        | 'whatsapp:reaction'
        | 'whatsapp:note'
        | 'whatsapp:media'
        | 'whatsapp:contact'
        | 'whatsapp:booking'
      )[];
      /**
       * Format: uuid
       * @description Events of this instance alone; null: of all.
       */
      instance_id?: string | null;
      /** @example Booking site */
      description?: string;
    };
    UpdateWebhookDto: {
      /**
       * Format: uri
       * @description https, to a public address.
       * @example https://example.com/hooks/whatsapp
       */
      url?: string;
      /** @description `*`: all. */
      events?: (
        | '*'
        | 'whatsapp:connected'
        | 'whatsapp:disconnected'
        | 'whatsapp:restricted'
        | 'whatsapp:message'
        | 'whatsapp:group-message'
        | 'whatsapp:group'
        | 'whatsapp:message-sent'
        | 'whatsapp:message-status'
        | 'whatsapp:message-edited'
        | 'whatsapp:message-deleted'
        | 'whatsapp:message-updated'
        | 'whatsapp:reaction'
        | 'whatsapp:note'
        | 'whatsapp:media'
        | 'whatsapp:contact'
        | 'whatsapp:booking'
      )[];
      /**
       * Format: uuid
       * @description Events of this instance alone; null: of all.
       */
      instance_id?: string | null;
      /** @example Booking site */
      description?: string;
      /**
       * @description Stops deliveries; nothing that waits is given up, and `resume` goes on with it.
       * @enum {string}
       */
      state?: 'paused';
    };
    RotateSecretDto: {
      /** @description How long the old secret signs, too; 0: no more at all. `86400` where it is left out. */
      overlap_seconds?: number;
    };
    WebhookAnswerResponse: {
      /** @example 204 */
      status: number;
      /**
       * @description How it began: 1 kB at most; null where it was erased with a person.
       * @example
       */
      body: string | null;
    };
    WebhookTestResponse: {
      /** @description Whether it was answered with a status of 200 to 299. */
      delivered: boolean;
      /** @example test_3f0e4b0e-9d0c-4f4a-8f6f-7a106f1c1a52 */
      webhook_id: string;
      /** @example 84 */
      duration_ms: number;
      /** @description null: there was none. */
      response: components['schemas']['WebhookAnswerResponse'] | null;
      /** @description A code that says why it was not taken; null where it was, or was not tried. */
      error: string | null;
    };
    ResumeWebhookDto: {
      /** @description What waits up to this sequence is given up; left out, nothing is. */
      after?: number;
    };
    RedriveWebhookDto: {
      /**
       * @description The last sequence that the receiver has; 0: all events that are kept.
       * @example 41
       */
      after: number;
      /** @description The last one to be delivered once more; `last_sequence` of the webhook by default. */
      until?: number;
    };
    DeliveryTryResponse: {
      /** Format: date-time */
      at: string;
      /** @example 84 */
      duration_ms: number;
      /**
       * @description null: there was no answer.
       * @example 500
       */
      status: number | null;
      /**
       * @description A code that says why it was not taken; null where it was, or was not tried.
       * @example status_not_ok
       */
      error: string | null;
    };
    DeliveryRequestResponse: {
      /**
       * @description The header `webhook-id`.
       * @example evt_org_123_42
       */
      webhook_id: string;
      /** @description Null where the event is gone, or was erased. */
      body: string | null;
    };
    DeliveryResponse: {
      /** @example 1042 */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** @example 42 */
      sequence: number;
      /**
       * @description failed: given up, because `resume` said so or the event is gone.
       * @enum {string}
       */
      status: 'pending' | 'delivered' | 'failed';
      /** @example 1 */
      attempts: number;
      /** @description The last ten at most, the oldest first. */
      tries: components['schemas']['DeliveryTryResponse'][];
      request: components['schemas']['DeliveryRequestResponse'];
      /** @description Of the last try. */
      response: components['schemas']['WebhookAnswerResponse'] | null;
      /** @description A code that says why it was not taken; null where it was, or was not tried. */
      error: string | null;
      /**
       * Format: date-time
       * @description Null where it is over, or waits for an earlier one of the same chat.
       */
      next_attempt_at: string | null;
      /** Format: date-time */
      delivered_at: string | null;
      /** Format: date-time */
      created_at: string;
    };
    OrganizationResponse: {
      /** @example org_123 */
      id: string;
      /** @example Clínica Sol */
      name: string;
      /** Format: date-time */
      created_at: string;
      /**
       * Format: date-time
       * @description Since when it takes nothing new.
       */
      closed_at: string | null;
    };
    CreateOrganizationDto: {
      /** @example org_123 */
      id: string;
      /** @example Clínica Sol */
      name?: string;
    };
    RenameOrganizationDto: {
      /** @example Clínica Sol */
      name: string;
    };
    MemberResponse: {
      /**
       * Format: uuid
       * @description Id of the Supabase user.
       */
      user_id: string;
      /** @enum {string} */
      role: 'owner' | 'agent' | 'viewer';
      /** Format: date-time */
      created_at: string;
    };
    ApiKeyMakerResponse: {
      /**
       * @description administrator: ADMIN_API_KEY; operator: the command line; open: a call of an open service.
       * @enum {string}
       */
      kind: 'user' | 'api-key' | 'administrator' | 'operator' | 'open';
      /** @description Of the user or key; the name of the system user of a command. */
      id: string;
      /**
       * @description For people: the name that the key had.
       * @example Provisioning
       */
      name: string;
    };
    InvitationResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /**
       * Format: uuid
       * @description Id of the Supabase user.
       */
      user_id: string;
      /** @enum {string} */
      role: 'owner' | 'agent' | 'viewer';
      /** @enum {string} */
      state: 'pending' | 'declined';
      created_by: components['schemas']['ApiKeyMakerResponse'];
      /** Format: date-time */
      created_at: string;
      /**
       * Format: date-time
       * @description It can be accepted before; a user who declined is not asked again before.
       */
      expires_at: string;
    };
    ApiKeyResponse: {
      /** Format: uuid */
      id: string;
      /**
       * @description Null for a key of the whole service.
       * @example org_123
       */
      organization_id: string | null;
      /** @example Booking site */
      name: string;
      /**
       * @description How the key begins.
       * @example auz_4f1c09ab
       */
      prefix: string;
      /**
       * @example [
       *       "read",
       *       "send"
       *     ]
       */
      scopes: ('read' | 'send' | 'manage' | 'admin')[];
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      expires_at: string | null;
      /**
       * Format: date-time
       * @description Up to a minute late.
       */
      last_used_at: string | null;
      /** Format: date-time */
      revoked_at: string | null;
      /**
       * Format: uuid
       * @description The key that took its place.
       */
      replaced_by: string | null;
      /** @description Whoever made it, or rotated it into this one. Null where that is not known: of older keys. */
      created_by: components['schemas']['ApiKeyMakerResponse'] | null;
    };
    PutMemberDto: {
      /**
       * @description `viewer` reads; `agent` sends, too; `owner` manages, too.
       * @enum {string}
       */
      role: 'owner' | 'agent' | 'viewer';
    };
    MyOrganizationResponse: {
      /** @example org_123 */
      id: string;
      permissions: ('read' | 'send' | 'manage')[];
    };
    MeResponse: {
      /**
       * @description `open`: the service asks nobody who they are. `administrator`: the key of the environment.
       * @enum {string}
       */
      kind: 'open' | 'administrator' | 'api-key' | 'user';
      /**
       * @description Of the key or the user, as `actor_id` of the audit log has it.
       * @example 3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11
       */
      id: string;
      /**
       * @description For people to read.
       * @example Reception
       */
      name: string;
      /** @description It may do everything, in every organization. */
      is_administrator: boolean;
      /** @description Where it may do something; null where that is everywhere. */
      organizations: components['schemas']['MyOrganizationResponse'][] | null;
      /**
       * Format: date-time
       * @description When the token ends.
       */
      expires_at: string | null;
    };
    MyInvitationResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** @example Clínica Sol */
      organization_name: string;
      /** @enum {string} */
      role: 'owner' | 'agent' | 'viewer';
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      expires_at: string;
    };
    CreateApiKeyDto: {
      /** @example Booking site */
      name: string;
      /**
       * Format: date-time
       * @description When the key ends; never where left out.
       */
      expires_at?: string | null;
      /**
       * @description What the key may do: at most what whoever makes it may.
       * @example [
       *       "read",
       *       "send"
       *     ]
       */
      scopes: ('read' | 'send' | 'manage')[];
    };
    RotateApiKeyDto: {
      /** @description How long the old key lives on; 0 ends it at once. `86400` where it is left out. */
      overlap_seconds?: number;
      /**
       * Format: date-time
       * @description When the new key ends; it lives as long as the old one was to live where left out.
       */
      expires_at?: string | null;
    };
    CreateAdminApiKeyDto: {
      /** @example Booking site */
      name: string;
      /**
       * Format: date-time
       * @description When the key ends; never where left out.
       */
      expires_at?: string | null;
    };
    WeeklyFields: {
      /**
       * @description Local time.
       * @example 09:00
       */
      opens: string;
      /**
       * @description Of the same day; `24:00` is its end.
       * @example 18:00
       */
      closes: string;
      /** @enum {string} */
      day: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';
    };
    IntervalFields: {
      /**
       * @description Local time.
       * @example 09:00
       */
      opens: string;
      /**
       * @description Of the same day; `24:00` is its end.
       * @example 18:00
       */
      closes: string;
    };
    ExceptionFields: {
      /**
       * Format: date
       * @example 2026-12-25
       */
      date: string;
      /** @description Empty: closed. */
      intervals: components['schemas']['IntervalFields'][];
    };
    OfficeHoursFields: {
      weekly: components['schemas']['WeeklyFields'][];
      exceptions: components['schemas']['ExceptionFields'][];
    };
    ServiceFields: {
      /**
       * Format: uuid
       * @description `service_id` of bookings.
       */
      id: string;
      /** @example Haircut */
      name: string;
      /** @example 45 */
      duration_minutes: number;
      /** @example R$ 60 */
      price: string | null;
    };
    AutomaticReplyFields: {
      enabled: boolean;
      /**
       * @description A template for each language. Placeholders: `{{contact_name}}`, `{{organization_name}}`, `{{opens_at}}`, `{{booking_title}}`, `{{booking_service}}`, `{{booking_starts_at}}`.
       * @example {
       *       "en": "Hello {{contact_name}}, thank you for writing to {{organization_name}}."
       *     }
       */
      texts: {
        [key: string]: string;
      };
    };
    AutomaticRepliesFields: {
      /** @description A contact's first message of all; not in answer to a message of yours. */
      first_message?: components['schemas']['AutomaticReplyFields'] | null;
      /** @description A message while you are closed: once for each time that you are. */
      outside_hours?: components['schemas']['AutomaticReplyFields'] | null;
      /** @description A booking became `confirmed`. */
      booking_confirmed?: components['schemas']['AutomaticReplyFields'] | null;
      /** @description A booking became `cancelled`. */
      booking_cancelled?: components['schemas']['AutomaticReplyFields'] | null;
    };
    SettingsResponse: {
      /** @example org_123 */
      organization_id: string;
      /**
       * @description null: as the service is configured.
       * @enum {string|null}
       */
      booking_policy: 'one-open' | 'every-message' | 'off' | null;
      /**
       * @description What holds.
       * @enum {string}
       */
      effective_booking_policy: 'one-open' | 'every-message' | 'off';
      /** @example America/Sao_Paulo */
      time_zone: string;
      /**
       * @example [
       *       "pt-BR",
       *       "en"
       *     ]
       */
      languages: string[];
      /** @description null: always open. */
      office_hours: components['schemas']['OfficeHoursFields'] | null;
      services: components['schemas']['ServiceFields'][];
      /** @description Only what was set; nothing else is written. */
      automatic_replies: components['schemas']['AutomaticRepliesFields'];
      /** @enum {string} */
      history: 'ignore' | 'store' | 'contacts';
      /** @enum {string} */
      groups: 'ignore' | 'store';
      /**
       * Format: date-time
       * @description null while the defaults hold.
       */
      updated_at: string | null;
    };
    NewServiceFields: {
      /**
       * Format: uuid
       * @description Left out: a new one.
       */
      id?: string;
      /** @example Haircut */
      name: string;
      /** @example 45 */
      duration_minutes: number;
      /** @example R$ 60 */
      price?: string | null;
    };
    UpdateSettingsDto: {
      /**
       * @description null: as the service is configured (`BOOKING_POLICY`).
       * @enum {string|null}
       */
      booking_policy?: 'one-open' | 'every-message' | 'off' | null;
      /**
       * @description A name of the time zone database (IANA).
       * @example America/Sao_Paulo
       */
      time_zone?: string;
      /**
       * @description The first is the default: clients are written to in it unless the country of their number speaks one of the others.
       * @example [
       *       "pt-BR",
       *       "en"
       *     ]
       */
      languages?: string[];
      /** @description null: always open. */
      office_hours?: components['schemas']['OfficeHoursFields'] | null;
      /** @description All of them: those that are left out are gone. Give the `id` of one that stays. */
      services?: components['schemas']['NewServiceFields'][];
      /** @description Occasions that are left out stay as they are; null takes one away. */
      automatic_replies?: components['schemas']['AutomaticRepliesFields'];
      /**
       * @description What new instances begin with as their `history`.
       * @enum {string}
       */
      history?: 'ignore' | 'store' | 'contacts';
      /**
       * @description What new instances begin with as their `groups`.
       * @enum {string}
       */
      groups?: 'ignore' | 'store';
    };
    ErasureResponse: {
      /** Format: uuid */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /**
       * Format: uuid
       * @description Of the contact that was.
       */
      contact_id: string;
      /** Format: date-time */
      requested_at: string;
      /**
       * Format: date-time
       * @description null while it is under way; it is finished by itself.
       */
      erased_at: string | null;
      /**
       * @description Rows by kind: deleted (contacts, messages, notes, bookings, pending_changes, session_keys) or emptied (inbox, events, undecrypted).
       * @example {
       *       "contacts": 1,
       *       "messages": 12,
       *       "notes": 2,
       *       "bookings": 1,
       *       "inbox": 14,
       *       "events": 9,
       *       "undecrypted": 0,
       *       "pending_changes": 0,
       *       "session_keys": 3
       *     }
       */
      counts: {
        [key: string]: number;
      };
    };
    RetentionResponse: {
      /** @example org_123 */
      organization_id: string;
      /** @description null: for ever. */
      messages_days: number | null;
      /** @description null: for ever. */
      notes_days: number | null;
      /** @description null: for ever. */
      bookings_days: number | null;
      /**
       * @description null: for ever.
       * @example 30
       */
      inbox_bodies_days: number | null;
      /**
       * @description null: for ever.
       * @example 90
       */
      inbox_days: number | null;
      /**
       * @description null: for ever.
       * @example 90
       */
      events_days: number | null;
      /**
       * @description null: for ever.
       * @example 365
       */
      audit_days: number | null;
      /**
       * Format: date-time
       * @description null while the defaults hold.
       */
      updated_at: string | null;
    };
    UpdateRetentionDto: {
      /** @description Messages of both directions. */
      messages_days?: number | null;
      /** @description The owner's notes. */
      notes_days?: number | null;
      /** @description Bookings to which nothing happened for so long. */
      bookings_days?: number | null;
      /** @description What WhatsApp delivered, once it was processed; 30 by default. */
      inbox_bodies_days?: number | null;
      /** @description The rows without it, which know what is delivered again; 90 by default. */
      inbox_days?: number | null;
      /** @description Events for replay; 90 by default. */
      events_days?: number | null;
      /** @description Entries of the audit log; 365 by default, and no fewer than the operator sets: AUDIT_MIN_DAYS, 365 by default. */
      audit_days?: number | null;
    };
    QueueJobsResponse: {
      /** @example 0 */
      waiting: number;
      /** @example 0 */
      active: number;
      /**
       * @description Failed and to be repeated.
       * @example 0
       */
      delayed: number;
      /**
       * @description Of the recent ones; their rows are not lost.
       * @example 0
       */
      failed: number;
      /**
       * @description Of the recent ones.
       * @example 100
       */
      completed: number;
    };
    WorkerStateResponse: {
      running: boolean;
      /** @description Its last pass failed and is being retried. */
      failing?: boolean;
      /** @example Redis not configured */
      disabled_reason?: string;
    };
    InboxBacklogResponse: {
      /** @example 0 */
      pending: number;
      /**
       * @description Could not be decoded; kept for inspection.
       * @example 0
       */
      dead: number;
      /** @description There are more than were counted: up to 10,000 for each instance, and 100,000 or so for all of them. */
      is_capped: boolean;
      /** Format: date-time */
      oldest_pending_at: string | null;
      oldest_pending_age_ms: number | null;
    };
    OrganizationBacklogResponse: {
      /** @example 0 */
      pending: number;
      /**
       * @description Could not be decoded; kept for inspection.
       * @example 0
       */
      dead: number;
      /** @description There are more than were counted: up to 10,000 for each instance, and 100,000 or so for all of them. */
      is_capped: boolean;
      /** Format: date-time */
      oldest_pending_at: string | null;
      oldest_pending_age_ms: number | null;
      /** @example org_123 */
      organization_id: string;
    };
    QueueStatsResponse: {
      /** @enum {boolean} */
      success: true;
      /** @enum {string} */
      driver: 'bullmq' | 'embedded' | 'none';
      /** @enum {string} */
      redis: 'up' | 'down' | 'not_configured';
      /** @description For administrators; null without a queue in Redis, or while Redis does not answer. */
      queue: components['schemas']['QueueJobsResponse'] | null;
      /**
       * @description Workers of all processes; null while Redis does not answer.
       * @example 2
       */
      workers_alive: number | null;
      worker: components['schemas']['WorkerStateResponse'];
      inbox: components['schemas']['InboxBacklogResponse'];
      /** @description The 100 organizations with the most waiting. */
      by_organization: components['schemas']['OrganizationBacklogResponse'][];
    };
    RedriveDto: {
      /**
       * @description Only this organization; all that the token may see where left out.
       * @example org_123
       */
      organization_id?: string;
      /**
       * Format: uuid
       * @description Only this instance.
       */
      instance_id?: string;
      /**
       * @description Instead of dead messages those of which nobody knew what they are: of WhatsApp's name for the kind (`content_type`), or all for `unsupported`.
       * @example unsupported
       */
      kind?: string;
      /** @description `100` where it is left out. */
      limit?: number;
    };
    NodeResponse: {
      /**
       * @description NODE_ID of the process.
       * @example api-1
       */
      id: string;
      /** @enum {string} */
      kind: 'api' | 'worker';
      /** @description It gave a sign of life, and its leases hold. */
      is_alive: boolean;
      /** @description Gives its numbers up and takes no more. */
      is_leaving: boolean;
      /** Format: date-time */
      heartbeat_at: string;
      /**
       * Format: date-time
       * @description Until then it counts as alive without another sign.
       */
      expires_at: string;
      /**
       * @description Numbers that it runs.
       * @example 12
       */
      sessions: number;
    };
    LeaseResponse: {
      /** Format: uuid */
      instance_id: string;
      /** @example Reception */
      instance_name: string;
      /** @example org_123 */
      organization_id: string;
      /** @enum {string} */
      status: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
      /** @example api-1 */
      node_id: string;
      /**
       * @description Goes up whenever a process takes the number over.
       * @example 3
       */
      epoch: number;
      /**
       * Format: date-time
       * @description Until then no other process takes it; prolonged by each sign of life.
       */
      expires_at: string;
    };
    DeadMessageResponse: {
      /** @example 1042 */
      id: string;
      /** @example org_123 */
      organization_id: string;
      /** Format: uuid */
      instance_id: string;
      /**
       * @description WhatsApp's id of it.
       * @example 3EB0C431C26A1916E07E
       */
      whatsapp_message_id: string;
      /**
       * @description A code that says why.
       * @example undecodable
       */
      reason: string | null;
      /** @description How it failed: 500 characters at most. */
      error: string | null;
      /** @example 1 */
      attempts: number;
      /** Format: date-time */
      received_at: string;
      /**
       * Format: date-time
       * @description When it was given up.
       */
      processed_at: string | null;
    };
    DurationsResponse: {
      /**
       * @description Half of them took no longer.
       * @example 24
       */
      median: number;
      /**
       * @description 95 of 100 took no longer.
       * @example 80
       */
      p95: number;
    };
    MinuteResponse: {
      /**
       * Format: date-time
       * @description When the minute began.
       */
      at: string;
      /**
       * @description Rows that WhatsApp delivered.
       * @example 120
       */
      received: number;
      /** @description From when it was stored until the worker was done with it; null where nothing is done. */
      received_ms: components['schemas']['DurationsResponse'] | null;
      /**
       * @description Messages that WhatsApp took.
       * @example 40
       */
      sent: number;
      /** @description From the call until WhatsApp had it, by its clock, which has whole seconds; null where nothing was sent. */
      sent_ms: components['schemas']['DurationsResponse'] | null;
    };
    HealthResponse: {
      /** @enum {string} */
      status: 'ok';
      /** Format: date-time */
      timestamp: string;
    };
    DatabaseCheckResponse: {
      /** @enum {string} */
      status: 'up' | 'down';
      /**
       * @description Why it is down. database_refuses_us: something answers, and does not let the service through (a key, a quota, a paused project, a firewall, a missing right); see the log.
       * @enum {string}
       */
      reason?: 'database_unavailable' | 'database_refuses_us';
      /**
       * @description How long the check took.
       * @example 2
       */
      duration_ms: number;
    };
    RedisCheckResponse: {
      /**
       * @description down: what other processes do is noticed late; nothing is lost.
       * @enum {string}
       */
      status: 'up' | 'down' | 'not_configured';
    };
    WorkerCheckResponse: {
      /**
       * @description failing: its last pass failed and is being retried. disabled: the configuration starts none. down: none is alive. unknown: other processes run it, and Redis, which knows of them, is away.
       * @enum {string}
       */
      status: 'up' | 'failing' | 'disabled' | 'down' | 'unknown';
      /**
       * @description Workers of all processes; absent without a queue in Redis.
       * @example 2
       */
      alive?: number;
      /** @example Redis not configured */
      reason?: string;
    };
    EncryptionKeyCheckResponse: {
      /**
       * @description missing: what other processes seal waits until this one has their key, too; nothing is lost.
       * @enum {string}
       */
      status: 'up' | 'missing';
    };
    LogsCheckResponse: {
      /**
       * @description dropping: the log file can not be written, or nobody reads standard output. Nothing but log lines is lost.
       * @enum {string}
       */
      status: 'up' | 'dropping';
      /**
       * @description Code of the error of the system; `SLOW` where nobody reads.
       * @example ENOSPC
       */
      reason?: string;
      /**
       * Format: date-time
       * @description Since when lines are dropped.
       */
      since?: string;
      /**
       * @description Lines dropped since the process began.
       * @example 0
       */
      dropped: number;
    };
    MediaStoreCheckResponse: {
      /**
       * @description down: no file is stored or given; those of messages wait, and none is lost.
       * @enum {string}
       */
      status: 'up' | 'down';
      /** @enum {string} */
      kind: 'local' | 's3' | 'supabase';
      /**
       * Format: date-time
       * @description Since when it is seen to be down.
       */
      since?: string;
    };
    SessionsCheckResponse: {
      /**
       * @description degraded: what was received can not be committed at the moment, so it is not acknowledged. down: for so long that sessions were closed; they come back by themselves.
       * @enum {string}
       */
      status: 'up' | 'degraded' | 'down';
      /**
       * @description Why nothing can be committed; absent while it can.
       * @enum {string}
       */
      reason?:
        'database_unavailable' | 'database_refuses_us' | 'database_read_only' | 'database_slow' | 'disk_full';
      /**
       * Format: date-time
       * @description Since when nothing can be committed.
       */
      since?: string;
      /** @example 1 */
      running: number;
      /** @example 1 */
      connected: number;
      /**
       * @description Whose account WhatsApp limits.
       * @example 0
       */
      restricted: number;
      /**
       * @description Rows received and not yet committed.
       * @example 0
       */
      uncommitted_rows: number;
    };
    ReadinessChecksResponse: {
      database: components['schemas']['DatabaseCheckResponse'];
      redis: components['schemas']['RedisCheckResponse'];
      worker: components['schemas']['WorkerCheckResponse'];
      encryption_key: components['schemas']['EncryptionKeyCheckResponse'];
      logs: components['schemas']['LogsCheckResponse'];
      media_store: components['schemas']['MediaStoreCheckResponse'];
      sessions: components['schemas']['SessionsCheckResponse'];
    };
    ReadinessResponse: {
      /** @enum {string} */
      status: 'ready' | 'degraded' | 'unavailable';
      /** Format: date-time */
      timestamp: string;
      checks: components['schemas']['ReadinessChecksResponse'];
    };
    UserSessionResponse: {
      /**
       * @description Send it as `Authorization: Bearer …`.
       * @example eyJhbGciOi…
       */
      access_token: string;
      /**
       * @description Gives the next session, once: `POST /api/sign-in/refresh`.
       * @example v1.MjAyNS0xMC0wMg
       */
      refresh_token: string;
      /**
       * @description In s, until the token ends.
       * @example 3600
       */
      expires_in: number;
    };
    PasswordDto: {
      /**
       * Format: email
       * @example ana@example.com
       */
      email: string;
      /**
       * Format: password
       * @example correct horse battery staple
       */
      password: string;
    };
    MagicLinkDto: {
      /**
       * Format: email
       * @example ana@example.com
       */
      email: string;
    };
    RefreshDto: {
      /** @example v1.MjAyNS0xMC0wMg */
      refresh_token: string;
    };
    ConsoleResponse: {
      /** @enum {boolean} */
      success: true;
      /**
       * @description `open`: nobody has to. `api_key`: with a token, as everywhere. `password` and `magic_link`: a user of Supabase, by `POST /api/sign-in/…`.
       * @example [
       *       "api_key"
       *     ]
       */
      sign_in: ('open' | 'api_key' | 'password' | 'magic_link')[];
      /** @description WhatsApp is the simulated network of this process. */
      simulator: boolean;
      /**
       * @description Of the service.
       * @example 0.1.0
       */
      version: string;
    };
    ApiKeysPage: {
      /** @constant */
      success: true;
      api_keys: components['schemas']['ApiKeyResponse'][];
      next_cursor: components['schemas']['NextCursor'];
      previous_cursor: components['schemas']['PreviousCursor'];
    };
    BookingAnswer: {
      /** @constant */
      success: true;
      booking: components['schemas']['BookingResponse'];
    };
    ContactsPage: {
      /** @constant */
      success: true;
      contacts: components['schemas']['ContactResponse'][];
      next_cursor: components['schemas']['NextCursor'];
      previous_cursor: components['schemas']['PreviousCursor'];
    };
    IssuedCalendarFeedAnswer: {
      /** @constant */
      success: true;
      calendar_feed: components['schemas']['CalendarFeedResponse'];
      /**
       * @description Of the calendar, at the address of the service: a secret, shown now, to the same call under the same `Idempotency-Key`, and never again.
       * @example /calendar/cal_2mXw0m0cV6c0nJr3yQyVt7mG0mJr3yQyVt7mG0mJr3y.ics
       */
      path: string;
    };
    IssuedKeyAnswer: {
      /** @constant */
      success: true;
      api_key: components['schemas']['ApiKeyResponse'];
      /**
       * @description The key itself: shown now, to the same call under the same `Idempotency-Key`, and never again.
       * @example auz_4f1c09ab_J8YyEr0UsS0n9vT1cG2l5qWkR7xZ3bN4mD6pF8hA0eI
       */
      key: string;
    };
    IssuedWebhookAnswer: {
      /** @constant */
      success: true;
      webhook: components['schemas']['WebhookResponse'];
      /**
       * @description What deliveries are signed with: shown now, to the same call under the same `Idempotency-Key`, and never again.
       * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
       */
      secret: string;
    };
    KeysLeftAnswer: {
      /** @constant */
      success: true;
      revoked_keys: components['schemas']['ApiKeyResponse'][];
      kept_keys: components['schemas']['ApiKeyResponse'][];
    };
    /**
     * @description Give it as `cursor` for the next page; null on the last one.
     * @example null
     */
    NextCursor: string | null;
    NoteAnswer: {
      /** @constant */
      success: true;
      note: components['schemas']['NoteResponse'];
    };
    OrganizationAnswer: {
      /** @constant */
      success: true;
      organization: components['schemas']['OrganizationResponse'];
    };
    /**
     * @description Give it as `cursor` for what comes before this page in the same order: in lists that begin with the newest, what came since. It is good for asking again later, too. Null where there is no item to come before.
     * @example null
     */
    PreviousCursor: string | null;
    SettingsAnswer: {
      /** @constant */
      success: true;
      settings: components['schemas']['SettingsResponse'];
    };
    Success: {
      /** @constant */
      success: true;
    };
    UserSessionAnswer: {
      /** @constant */
      success: true;
      session: components['schemas']['UserSessionResponse'];
    };
    WebhookAnswer: {
      /** @constant */
      success: true;
      webhook: components['schemas']['WebhookResponse'];
    };
  };
  responses: {
    /**
     * @description - `validation_failed`: The input is invalid.
     *     - `invalid_id`: The id in the address is not a UUID.
     *     - `invalid_cursor`: The cursor is not one that this list gave out.
     *     - `organization_id_required`: Say which organization.
     *     - `invalid_json`: The body is not valid JSON.
     *     - `invalid_body`: The body could not be read.
     *     - `bad_request`: The request is malformed.
     *     - `malformed_request`: This is not a valid HTTP request.
     */
    400: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "The input is invalid.",
         *       "code": "validation_failed",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10",
         *       "details": [
         *         {
         *           "path": "organization_id",
         *           "message": "is required"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description `unauthorized`: Send a valid token. */
    401: {
      headers: {
        'WWW-Authenticate': components['headers']['Authenticate'];
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "Send a valid token: Authorization: Bearer <token>.",
         *       "code": "unauthorized",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /**
     * @description - `organization_forbidden`: The token does not allow this in this organization.
     *     - `permission_denied`: The token does not allow this in this organization.
     *     - `no_membership`: The user is a member of no organization.
     *     - `origin_not_allowed`: This web page may not call the service.
     *     - `host_not_allowed`: An open service answers to local names only.
     */
    403: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "The token does not allow this in this organization.",
         *       "code": "organization_forbidden",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description There is no such object, or it belongs to another organization. */
    404: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "There is no instance with this id.",
         *       "code": "instance_not_found",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description None of the accepted formats can be made. */
    406: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "None of the accepted formats can be made.",
         *       "code": "not_acceptable",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description The object is in a state in which this cannot be done. */
    409: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "The instance is not connected to WhatsApp.",
         *       "code": "instance_not_connected",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description What was asked for is not kept any more. */
    410: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "Events after this one are not kept any more. Read the lists, and go on with later ones.",
         *       "code": "events_expired",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description The object is not as the caller has seen it. */
    412: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "Somebody else changed it since it was read.",
         *       "code": "changed_meanwhile",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description `body_too_large`: The body is larger than 1 MB. */
    413: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "The body is larger than 1 MB.",
         *       "code": "body_too_large",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /**
     * @description - `unsupported_media_type`: Send the body as JSON.
     *     - `unsupported_encoding`: Send the body as UTF-8, plain or compressed with gzip.
     */
    415: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "Send the body as JSON: Content-Type: application/json.",
         *       "code": "unsupported_media_type",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description WhatsApp refused it, and would refuse it again. */
    422: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "WhatsApp does not let this account begin a conversation with this person at present. Each further try counts against the account; people who write first can be answered.",
         *       "code": "whatsapp_contact_restricted",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /**
     * @description - `rate_limited`: Too many calls.
     *     - `too_many_concurrent_requests`: As many requests are under way as may be.
     *     - `too_many_requests`: Too many requests for this instance wait for their turn.
     */
    429: {
      headers: {
        'Retry-After': components['headers']['RetryAfter'];
        'RateLimit-Policy': components['headers']['RateLimitPolicy'];
        RateLimit: components['headers']['RateLimit'];
        'RateLimit-Limit': components['headers']['RateLimitLimit'];
        'RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "Too many calls; try again when Retry-After is over.",
         *       "code": "rate_limited",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /**
     * @description - `internal_error`: Something went wrong on our side.
     *     - `database_rejected`: The database refused the operation.
     */
    500: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "Something went wrong on our side. The request id finds it in the log.",
         *       "code": "internal_error",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /**
     * @description - `database_unavailable`: The database is not available.
     *     - `signing_keys_unavailable`: Tokens can not be checked at the moment.
     *     - `shutting_down`: The service is shutting down.
     */
    503: {
      headers: {
        'Retry-After': components['headers']['RetryAfter'];
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "success": false,
         *       "error": "The database is not available. Try again later.",
         *       "code": "database_unavailable",
         *       "requestId": "6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10"
         *     }
         */
        'application/json': components['schemas']['ErrorResponse'];
      };
    };
    /** @description What the caller has, as `If-None-Match` names it, is what would be answered. */
    NotModified: {
      headers: {
        ETag: components['headers']['ETag'];
        [name: string]: unknown;
      };
      content?: never;
    };
  };
  parameters: {
    CalendarFeedIdInPath: string;
    /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
    Cursor: string;
    Id: string;
    /** @description The `ETag` of the answer that the caller has. */
    IfNoneMatch: string;
    InvitationId: string;
    KeyId: string;
    /** @description What becomes of the keys made by whoever goes, or may do less: they end, or stay. */
    Keys: 'revoke' | 'keep';
    Limit: number;
    /** @description Required, unless the token belongs to one organization. */
    OrganizationId: string;
    OrganizationIdInPath: string;
    UserId: string;
  };
  requestBodies: never;
  headers: {
    /** @description How to authenticate. */
    Authenticate: string;
    /** @description Names what the answer says, for `If-None-Match`; of an object that takes `If-Match`, this state of it. */
    ETag: string;
    /** @description `true`: an earlier call under the same Idempotency-Key did it. */
    IdempotencyReplayed: 'true';
    /** @description What is left of each: `r` calls, all of them again in `t` seconds. */
    RateLimit: string;
    /** @description Calls of the limit that ends first. */
    RateLimitLimit: number;
    /** @description Each limit that counted the call: `q` calls in `w` seconds. */
    RateLimitPolicy: string;
    /** @description How many of them are left. */
    RateLimitRemaining: number;
    /** @description After how many seconds there are all of them again. */
    RateLimitReset: number;
    /** @description After how many seconds to try again. */
    RetryAfter: number;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  Audit_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Only this organization; all that the token may manage where left out. */
        organization_id?: string;
        /** @description Id of a key or of a user; `environment` for ADMIN_API_KEY. */
        actor_id?: string;
        action?: string;
        object_type?: string;
        /** @description Id of what it was done to. */
        object_id?: string;
        outcome?: 'begun' | 'done' | 'refused' | 'failed';
        /** @description From then on. */
        from?: string;
        /** @description Until before then. */
        to?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            entries: components['schemas']['AuditEntryResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Events_read: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Sequence of the last event that the caller has; 0 for all. */
        after?: number;
        limit?: number;
        /** @description How many seconds to wait for the next event where there is none; the list is empty where none came. */
        wait?: number;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The events that follow; fewer than `limit` where they are long. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            events: components['schemas']['EventResponse'][];
            /**
             * @description Give it as `after` to go on; the same as `after` when there was nothing new.
             * @example 1
             */
            last_sequence: number;
            /**
             * @description Of the oldest event that is still kept; null where none is.
             * @example 1
             */
            oldest_sequence: number | null;
            /**
             * @description Whether others follow after `last_sequence`, as far as is known at this moment.
             * @example false
             */
            has_more: boolean;
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      /** @description `events_expired`: Events after this one are not kept any more. */
      410: components['responses']['410'];
      /**
       * @description `too_many_streams`: As many event streams are open as may be.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Events_stream: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Sequence of the last event that the caller has; 0 for all, left out: from now on. `Last-Event-ID` goes before it. */
        after?: number;
      };
      header?: {
        /** @description The id of the last event that the client has. */
        'Last-Event-ID'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events, until the client leaves. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example id: 42
           *     event: whatsapp:note
           *     data: {"sequence":42,"name":"whatsapp:note","payload":{"instanceId":"…","noteId":"…","timestamp":"…","sequence":42}}
           */
          'text/event-stream': string;
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      /** @description `events_expired`: Events after this one are not kept any more. */
      410: components['responses']['410'];
      /**
       * @description `too_many_streams`: As many event streams are open as may be.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Instances_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        organization_id?: string;
        status?: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            instances: components['schemas']['InstanceResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Instances_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateInstanceDto'];
      };
    };
    responses: {
      /** @description Instance created. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            instance: components['schemas']['CreatedInstanceResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_closed`: The organization is closed.
       *     - `too_many_instances`: The organization has 1000 instances already, which is the most that it may have.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Instances_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The instance. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            instance: components['schemas']['InstanceResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Instances_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deleted, and no device is linked any more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      /** @description Deleted; the device is not logged out yet, or can not be. Ask `status_url`. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            /**
             * @description Says how far it is.
             * @example /api/whatsapp/instances/1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11/logout
             */
            status_url: string;
            logout: components['schemas']['LogoutResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Instances_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateInstanceDto'];
      };
    };
    responses: {
      /** @description The instance as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            instance: components['schemas']['InstanceResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Instances_logout: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How far it is. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            logout: components['schemas']['LogoutResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `instance_not_found`: There is no instance with this id.
       *     - `logout_not_found`: The instance is not deleted.
       */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Connection_logOut: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description WhatsApp took the device off the account. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      /** @description `instance_not_connected`: The instance is not connected to WhatsApp. */
      409: components['responses']['409'];
      /** @description `too_many_requests`: Too many requests for this instance wait for their turn. */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description - `whatsapp_timeout`: WhatsApp did not answer in time.
       *     - `instance_not_responding`: The process that runs the instance does not answer.
       *     - `instance_busy`: The instance moves between processes.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Connection_connect: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['ConnectInstanceDto'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ConnectResponse'];
        };
      };
      /** @description The process that runs the instance did not answer in time; ask `status_url`. A code or a QR string may still come by Socket.IO. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ConnectResponse'];
        };
      };
      /**
       * @description `phone_number_required`: Method 'code' needs phone_number, in this call or stored on the instance.
       *
       *     Or as in every call.
       */
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      /**
       * @description - `pairing_replaced`: A newer call took the place of this pairing.
       *     - `pairing_cancelled`: The instance was logged out or deleted before WhatsApp gave a code.
       *     - `linked_to_another_number`: The instance is linked to another number, its connected_phone_number.
       *     - `organization_closed`: The organization is closed.
       *     - `logout_pending`: The device of this deleted instance is still being logged out of WhatsApp.
       *     - `instance_banned`: WhatsApp banned the number.
       *     - `instance_temporarily_banned`: WhatsApp banned the number for a time, which WhatsApp on the phone shows.
       *     - `instance_client_outdated`: WhatsApp refuses this version of the client.
       *     - `instance_device_refused`: WhatsApp refuses this device.
       *     - `instance_no_multi_device`: The account has no support for linked devices.
       *     - `instance_replaced`: Another client is logged in with the credentials of this instance, most probably a copy of its database.
       *     - `instance_session_unreadable`: The stored session can not be opened.
       *     - `instance_storage_refused`: The instance could not be brought on line (storage_refused).
       *     - `instance_not_linked`: The instance could not be brought on line (not_linked).
       *     - `session_unreadable`: The stored session of this instance can not be opened.
       *     - `encryption_key_missing`: The session is sealed under a key that SESSION_ENCRYPTION_KEY of this process does not name.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /**
       * @description - `too_many_pairings`: The organization links as many phones at the same time as it may (PAIRINGS_PER_ORGANIZATION).
       *     - `pairing_rate_limited`: WhatsApp refused the pairing code (429).
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      /**
       * @description - `pairing_rejected`: WhatsApp refused the pairing code.
       *     - `pairing_failed`: The pairing ended before WhatsApp gave a code.
       *     - `server_not_trusted`: The server that answered could not prove that it belongs to WhatsApp.
       *
       *     Or as in every call.
       */
      500: components['responses']['500'];
      /**
       * @description - `whatsapp_unavailable`: WhatsApp can take no messages at the moment.
       *     - `instance_busy`: The instance moves between processes.
       *     - `fenced`: The session belongs to another process now.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Connection_qr: {
    parameters: {
      query?: {
        /** @description Decides instead of the Accept header. `terminal` draws the code with block characters. */
        format?: 'png' | 'svg' | 'text' | 'terminal' | 'json';
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The QR code in the format of `format` or of the Accept header; PNG by default. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'image/png': Blob;
          'image/svg+xml': string;
          'text/plain': string;
          'application/json': {
            /** @enum {boolean} */
            success: true;
            qr: string;
            /** Format: date-time */
            issued_at: string;
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `instance_not_found`: There is no instance with this id.
       *     - `qr_not_available`: There is no QR code at the moment.
       */
      404: components['responses']['404'];
      /** @description `not_acceptable`: None of the accepted formats can be made. */
      406: components['responses']['406'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Connection_status: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['InstanceStatusAnswer'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Chats_typing: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TypingDto'];
      };
    };
    responses: {
      /** @description WhatsApp was told. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      /** @description `instance_not_connected`: The instance is not connected to WhatsApp. */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /** @description `too_many_requests`: Too many requests for this instance wait for their turn. */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description - `whatsapp_timeout`: WhatsApp did not answer in time.
       *     - `instance_not_responding`: The process that runs the instance does not answer.
       *     - `instance_busy`: The instance moves between processes.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Chats_presence: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RecipientDto'];
      };
    };
    responses: {
      /** @description Changes come as events. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            /** Format: date-time */
            expires_at: string;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      /** @description `instance_not_connected`: The instance is not connected to WhatsApp. */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /**
       * @description - `too_many_requests`: Too many requests for this instance wait for their turn.
       *     - `too_many_watched`: The instance watches as many people as it can.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description - `whatsapp_timeout`: WhatsApp did not answer in time.
       *     - `instance_not_responding`: The process that runs the instance does not answer.
       *     - `instance_busy`: The instance moves between processes.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Chats_number: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
        number: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NumberResponse'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      /** @description `instance_not_connected`: The instance is not connected to WhatsApp. */
      409: components['responses']['409'];
      /** @description `too_many_requests`: Too many requests for this instance wait for their turn. */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description - `whatsapp_timeout`: WhatsApp did not answer in time.
       *     - `instance_not_responding`: The process that runs the instance does not answer.
       *     - `instance_busy`: The instance moves between processes.
       *     - `whatsapp_unavailable`: WhatsApp can take no messages at the moment.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  OutgoingMessage_send: {
    parameters: {
      query?: never;
      header?: {
        /** @description The caller's name for this message, unique for the instance: calls under the same key with the same body send one message and get the same answer, 202 turning into another answer once it is known. Kept for as long as the message, at least 24 hours. Answers given before the message was stored are not remembered, and a message that WhatsApp did not take for the moment (429, 503) is sent again by a call under its key after the time that `Retry-After` says, under its own WhatsApp id. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SendMessageDto'];
        'multipart/form-data': components['schemas']['SendFileForm'];
      };
    };
    responses: {
      /** @description WhatsApp took the message. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentMessageResponse'];
        };
      };
      /** @description WhatsApp, or the database, did not confirm it in time; ask `status_url`. If that says 404, it was not stored: repeat the call under the same Idempotency-Key. */
      202: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentMessageResponse'];
        };
      };
      /**
       * @description - `recipient_not_on_whatsapp`: There is no WhatsApp account with this number.
       *     - `url_not_allowed`: The URL must lead to a public address.
       *
       *     Or as in every call.
       */
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `instance_not_found`: There is no instance with this id.
       *     - `upload_not_found`: There is no such file.
       */
      404: components['responses']['404'];
      /**
       * @description - `instance_not_connected`: The instance is not connected to WhatsApp.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       *     - `not_confirmed`: WhatsApp never confirmed the message, which may or may not have arrived.
       *     - `not_confirmed_in_time`: WhatsApp did not confirm the message within a day.
       *     - `session_ended`: The number was unlinked before WhatsApp confirmed the message, which may or may not have arrived.
       *     - `account_changed`: Another account was linked before WhatsApp confirmed the message, which may or may not have arrived.
       *     - `message_deleted`: The message was erased before WhatsApp confirmed it.
       *     - `media_quota_exceeded`: The organization keeps as many bytes of media as it may.
       */
      409: components['responses']['409'];
      /**
       * @description `media_too_large`: The file is larger than is taken.
       *
       *     Or as in every call.
       */
      413: components['responses']['413'];
      415: components['responses']['415'];
      /**
       * @description - `egress_unreachable`: The other end could not be reached.
       *     - `egress_timeout`: The other end did not answer in time.
       *     - `whatsapp_contact_restricted`: WhatsApp does not let this account begin a conversation with this person at present.
       *     - `whatsapp_forbidden`: WhatsApp does not allow this account to send this message to this person.
       *     - `whatsapp_unauthorized`: WhatsApp does not accept messages from this account.
       *     - `whatsapp_recipient_not_found`: WhatsApp does not know the address that the message was for.
       *     - `whatsapp_recipient_gone`: The account that the message was for is no longer there.
       *     - `whatsapp_not_allowed`: WhatsApp does not allow messages of this kind here.
       *     - `whatsapp_not_acceptable`: WhatsApp did not accept the contents of the message.
       *     - `whatsapp_bad_request`: WhatsApp could not read the message.
       *     - `whatsapp_wrong_addressing`: WhatsApp wants this person addressed in another way.
       *     - `whatsapp_stanza_rejected`: WhatsApp rejected the form of the message.
       *     - `whatsapp_refused`: WhatsApp refused the message for a reason without a known meaning.
       */
      422: components['responses']['422'];
      /**
       * @description - `whatsapp_rate_limited`: WhatsApp takes no more messages from this account for now.
       *     - `send_queue_full`: Too many messages wait to be sent.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      /**
       * @description - `send_failed`: The message could not be sent, for a reason that the log tells.
       *     - `unsupported_content`: This process can not send messages of this kind.
       *
       *     Or as in every call.
       */
      500: components['responses']['500'];
      /**
       * @description - `media_disk_full`: There is no room for the file at present.
       *     - `media_store_unavailable`: The store of the files can not be reached at present.
       *     - `whatsapp_unavailable`: WhatsApp can take no messages at the moment.
       *     - `whatsapp_timeout`: WhatsApp did not answer in time.
       *     - `whatsapp_internal_error`: WhatsApp failed to take the message.
       *     - `encryption_failed`: The message could not be encrypted for any of the person's devices.
       *     - `instance_not_responding`: The process that runs the instance does not answer.
       *     - `instance_busy`: The instance moves between processes.
       *     - `fenced`: The session belongs to another process now.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Messages_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The message. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            message: components['schemas']['MessageResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `message_not_found`: There is no message with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  MessageChanges_remove: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description WhatsApp took the change; `message_id` is of the change. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentMessageResponse'];
        };
      };
      /** @description WhatsApp did not confirm it in time: the message shows it once it did. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentMessageResponse'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `message_not_found`: There is no message with this id. */
      404: components['responses']['404'];
      /**
       * @description - `message_not_own`: Only a message that this service sent, and that WhatsApp has, can be changed.
       *     - `message_not_deletable`: The message can not be taken back any more.
       *     - `instance_not_connected`: The instance is not connected to WhatsApp.
       */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  MessageChanges_edit: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['EditMessageDto'];
      };
    };
    responses: {
      /** @description WhatsApp took the change; `message_id` is of the change. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentMessageResponse'];
        };
      };
      /** @description WhatsApp did not confirm it in time: the message shows it once it did. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentMessageResponse'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `message_not_found`: There is no message with this id. */
      404: components['responses']['404'];
      /**
       * @description - `message_not_own`: Only a message that this service sent, and that WhatsApp has, can be changed.
       *     - `message_not_editable`: The message can not be edited.
       *     - `instance_not_connected`: The instance is not connected to WhatsApp.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Integrity_summarize: {
    parameters: {
      query?: {
        /** @description Start of the period; 24 hours before `to` where left out. */
        from?: string;
        /** @description End of the period, not part of it; now where left out. At most 90 days after `from`. */
        to?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IntegrityResponse'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Integrity_listUndecrypted: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        state?: 'waiting' | 'recovered' | 'given_up';
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            messages: components['schemas']['UndecryptedMessageResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Pacing_read: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As of now. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            pacing: components['schemas']['PacingResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  History_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How far it is. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            history: components['schemas']['HistoryResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  History_fetch: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['FetchHistoryDto'];
      };
    };
    responses: {
      /** @description The phone was asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            request_id: string;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `instance_not_found`: There is no instance with this id. */
      404: components['responses']['404'];
      /** @description `instance_not_connected`: The instance is not connected to WhatsApp. */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /** @description `too_many_requests`: Too many requests for this instance wait for their turn. */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description - `whatsapp_timeout`: WhatsApp did not answer in time.
       *     - `instance_not_responding`: The process that runs the instance does not answer.
       *     - `instance_busy`: The instance moves between processes.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Contacts_searchByQuery: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Only contacts with these words in their name or number. Words are separated by spaces, 8 at most; all have to be there, in any order, each also as a part of a longer word. Case and accents make no difference, and every other character is itself: `%`, `_` and `*` stand for nothing else. */
        search?: string;
        /** @description What the list is sorted by; with a `-` before it the other way round. */
        sort?: '-created_at' | 'created_at' | 'name' | '-name';
        /** @description Only these fields of each item, with commas between them: then the others are missing, also those that the schema of the answer requires. `id` is there in any case. They are: id, organization_id, phone_number, lid, name, name_source, last_message_at, created_at, updated_at, merged_into. */
        fields?: string;
        /** @description This number, with or without a digit that WhatsApp may leave out (Brazil's ninth digit). */
        phone_number?: string;
        /** @description Only these contacts; the id of one that was joined with another stands for that one. With commas between them, 100 at most. */
        ids?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page, newest first unless `sort` says otherwise. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ContactsPage'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Contacts_searchByBody: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SearchContactsDto'];
      };
    };
    responses: {
      /** @description One page, newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ContactsPage'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Contacts_get: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The contact, and what became part of it, the last first (200 at most); `ETag` names this state of it. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            contact: components['schemas']['ContactResponse'];
            merges: components['schemas']['ContactMergeResponse'][];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `contact_not_found`: There is no contact with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  ContactRights_erase: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Erased. The receipt is kept. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            receipt: components['schemas']['ErasureResponse'];
          };
        };
      };
      /** @description Begun. It goes on by itself; `status_url` tells how far it is. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            receipt: components['schemas']['ErasureResponse'];
            /**
             * @description Where the receipt is read: `erased_at` is null while the erasure goes on, and `counts` tells how far it is.
             * @example /api/erasures/7d0c…?organization_id=org_123
             */
            status_url: string;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `contact_not_found`: There is no contact with this id. */
      404: components['responses']['404'];
      /** @description `too_many_erasures`: Too many contacts are being erased. */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Contacts_rename: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` that was read: nothing is changed where somebody else was first. */
        'If-Match'?: string;
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RenameContactDto'];
      };
    };
    responses: {
      /** @description The contact as it is now; `ETag` names this state of it. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            contact: components['schemas']['ContactResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `contact_not_found`: There is no contact with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      /** @description `changed_meanwhile`: Somebody else changed it since it was read. */
      412: components['responses']['412'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Contacts_merge: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['MergeContactsDto'];
      };
    };
    responses: {
      /** @description The contact as it is now; `merge_id` takes the merge back. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            /** Format: uuid */
            merge_id: string;
            contact: components['schemas']['ContactResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `contact_not_found`: There is no contact with this id. */
      404: components['responses']['404'];
      /**
       * @description - `already_one_contact`: These are one contact already.
       *     - `contact_being_erased`: The contact is being erased.
       *     - `organization_closed`: The organization is closed.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Contacts_unmerge: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UnmergeContactDto'];
      };
    };
    responses: {
      /** @description The contact that stays, and the one that is one of its own again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            contact: components['schemas']['ContactResponse'];
            unmerged: components['schemas']['ContactResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `contact_not_found`: There is no contact with this id.
       *     - `merge_not_found`: This contact has no merge with this id.
       */
      404: components['responses']['404'];
      /**
       * @description - `merged_by_whatsapp`: WhatsApp says that these are one person, so this can not be taken back.
       *     - `contact_being_erased`: The contact is being erased.
       *     - `organization_closed`: The organization is closed.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Contacts_read: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How many messages were unread. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            /** @example 3 */
            read: number;
            /** @example 3 */
            receipts: number;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `contact_not_found`: There is no contact with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Conversations_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Only conversations with contacts that have these words in their name or number. Words are separated by spaces, 8 at most; all have to be there, in any order, each also as a part of a longer word. Case and accents make no difference, and every other character is itself: `%`, `_` and `*` stand for nothing else. */
        search?: string;
        /** @description Only these fields of each item, with commas between them: then the others are missing, also those that the schema of the answer requires. `contact` is there in any case. They are: contact, last_message, unread_count, open_booking. */
        fields?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page; shorter than `limit` where its texts are long. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            conversations: components['schemas']['ConversationResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Messages_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Only messages of this contact. */
        contact_id?: string;
        /** @description Messages of this group. Without it the list holds none of any group. */
        group_id?: string;
        /** @description Only messages of this instance. */
        instance_id?: string;
        direction?: 'inbound' | 'outbound';
        /** @description Only messages that stand so; `unknown` finds those whose sending is in doubt. */
        status?: 'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'unknown';
        /** @description Only messages of this kind. */
        type?:
          | 'text'
          | 'image'
          | 'video'
          | 'video_note'
          | 'gif'
          | 'voice'
          | 'audio'
          | 'document'
          | 'sticker'
          | 'location'
          | 'live_location'
          | 'contact'
          | 'poll'
          | 'event'
          | 'order'
          | 'product'
          | 'call'
          | 'group_invite'
          | 'album'
          | 'payment'
          | 'unsupported';
        /** @description Only messages that were sent then or later (`sent_at`). */
        sent_from?: string;
        /** @description Only messages that were sent earlier. */
        sent_before?: string;
        /** @description Only messages with these words in what they say now, in its first 10,000 characters. A search looks through some thousand messages at a time where a word has no more than two letters or digits, or a contact or a group is named: a page may be short or empty then and have a `next_cursor` nevertheless. Words are separated by spaces, 8 at most; all have to be there, in any order, each also as a part of a longer word. Case and accents make no difference, and every other character is itself: `%`, `_` and `*` stand for nothing else. */
        search?: string;
        /** @description Only these fields of each item, with commas between them: then the others are missing, also those that the schema of the answer requires. `id` is there in any case. They are: id, organization_id, instance_id, contact_id, group_id, sender, direction, content, type, metadata, reply_to, mentions, is_forwarded, is_view_once, reactions, media, reason, edited_at, deleted_at, content_type, whatsapp_message_id, status, status_at, error, sent_at, created_at. */
        fields?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page; shorter than `limit` where its texts are long. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            messages: components['schemas']['MessageResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Messages_history: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What it said before it was edited. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            history: components['schemas']['EarlierTextResponse'][];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `message_not_found`: There is no message with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Media_file: {
    parameters: {
      query?: never;
      header?: {
        /** @description One part of it. */
        Range?: string;
        /** @description The `ETag` of which `Range` is a part: another file is answered as a whole. */
        'If-Range'?: string;
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The file. */
      200: {
        headers: {
          /** @description Whether a browser may show it, and its name. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          '*/*': Blob;
        };
      };
      /** @description The part that `Range` names. */
      206: {
        headers: {
          /** @description Whether a browser may show it, and its name. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description Which part of how many bytes it is. */
          'Content-Range'?: string;
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          '*/*': Blob;
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `message_not_found`: There is no message with this id.
       *     - `media_not_found`: This message has no file.
       */
      404: components['responses']['404'];
      /** @description `media_not_ready`: The file of this message is not there. */
      409: components['responses']['409'];
      /** @description `media_gone`: The file of this message was removed from its store. */
      410: components['responses']['410'];
      /** @description It has no such part. */
      416: {
        headers: {
          /** @description Whether a browser may show it, and its name. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description Which part of how many bytes it is. */
          'Content-Range'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Media_thumbnail: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The thumbnail. */
      200: {
        headers: {
          /** @description Whether a browser may show it, and its name. */
          'Content-Disposition'?: string;
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          '*/*': Blob;
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `message_not_found`: There is no message with this id.
       *     - `media_not_found`: This message has no file.
       */
      404: components['responses']['404'];
      /** @description `media_not_ready`: The file of this message is not there. */
      409: components['responses']['409'];
      /** @description `media_gone`: The file of this message was removed from its store. */
      410: components['responses']['410'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Media_retry: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is being fetched, or there already. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            media: components['schemas']['MessageMediaResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `message_not_found`: There is no message with this id.
       *     - `media_not_found`: This message has no file.
       */
      404: components['responses']['404'];
      /** @description `media_not_retryable`: It is not known any more how to get the file of this message. */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  MediaLinks_make: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The link. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            link: components['schemas']['MediaLinkResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `message_not_found`: There is no message with this id.
       *     - `media_not_found`: This message has no file.
       */
      404: components['responses']['404'];
      /** @description `media_not_ready`: The file of this message is not there. */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  MediaLinks_read: {
    parameters: {
      query: {
        /** @description As the link has it. */
        token: string;
      };
      header?: {
        /** @description One part of it. */
        Range?: string;
        /** @description The `ETag` of which `Range` is a part: another file is answered as a whole. */
        'If-Range'?: string;
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The file. */
      200: {
        headers: {
          /** @description Whether a browser may show it, and its name. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          '*/*': Blob;
        };
      };
      /** @description The part that `Range` names. */
      206: {
        headers: {
          /** @description Whether a browser may show it, and its name. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description Which part of how many bytes it is. */
          'Content-Range'?: string;
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          '*/*': Blob;
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `media_link_invalid`: This link leads to no file, or not any more.
       *     - `message_not_found`: There is no message with this id.
       *     - `media_not_found`: This message has no file.
       */
      404: components['responses']['404'];
      /** @description `media_not_ready`: The file of this message is not there. */
      409: components['responses']['409'];
      /** @description `media_gone`: The file of this message was removed from its store. */
      410: components['responses']['410'];
      /** @description It has no such part. */
      416: {
        headers: {
          /** @description Whether a browser may show it, and its name. */
          'Content-Disposition'?: string;
          /** @description `bytes`. */
          'Accept-Ranges'?: string;
          /** @description Which part of how many bytes it is. */
          'Content-Range'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Bookings_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Only bookings of this contact. */
        contact_id?: string;
        status?: 'pending' | 'confirmed' | 'cancelled' | 'completed';
        /** @description Only those that start then or later. */
        starts_from?: string;
        /** @description Only those that start earlier. */
        starts_before?: string;
        /** @description What the list is sorted by; with a `-` before it the other way round. By `starts_at` those are left out that have no time. */
        sort?: '-created_at' | 'created_at' | 'starts_at' | '-starts_at';
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            bookings: components['schemas']['BookingResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Bookings_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateBookingDto'];
      };
    };
    responses: {
      /** @description The booking; `ETag` names this state of it. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BookingAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `contact_not_found`: There is no contact with this id. */
      404: components['responses']['404'];
      /**
       * @description - `organization_closed`: The organization is closed.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       *     - `booking_ends_too_early`: The booking would end before it starts.
       *     - `unknown_service`: The organization has no service with this id.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Bookings_get: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The booking; `ETag` names this state of it. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BookingAnswer'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `booking_not_found`: There is no booking with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Bookings_change: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` that was read: nothing is changed where somebody else was first. */
        'If-Match'?: string;
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangeBookingDto'];
      };
    };
    responses: {
      /** @description The booking as it is now; `ETag` names this state of it. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BookingAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `booking_not_found`: There is no booking with this id. */
      404: components['responses']['404'];
      /**
       * @description - `invalid_transition`: The booking can not get this status from the one that it has.
       *     - `booking_ends_too_early`: The booking would end before it starts.
       *     - `unknown_service`: The organization has no service with this id.
       */
      409: components['responses']['409'];
      /** @description `changed_meanwhile`: Somebody else changed it since it was read. */
      412: components['responses']['412'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  CalendarFeeds_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page, without their addresses. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            calendar_feeds: components['schemas']['CalendarFeedResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  CalendarFeeds_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['CreateCalendarFeedDto'];
      };
    };
    responses: {
      /** @description The feed, with its address. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedCalendarFeedAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_not_found`: There is no organization with this id.
       *     - `calendar_feed_not_found`: There is no such calendar feed.
       */
      404: components['responses']['404'];
      /**
       * @description - `organization_closed`: The organization is closed.
       *     - `too_many_calendar_feeds`: The organization has 20 calendar feeds already, which is the most that it may have.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  CalendarFeeds_rotate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
        feedId: components['parameters']['CalendarFeedIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The feed, with its new address. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedCalendarFeedAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_not_found`: There is no organization with this id.
       *     - `calendar_feed_not_found`: There is no such calendar feed.
       */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  CalendarFeeds_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
        feedId: components['parameters']['CalendarFeedIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deleted: its address shows nothing more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_not_found`: There is no organization with this id.
       *     - `calendar_feed_not_found`: There is no such calendar feed.
       */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Calendar_read: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        /** @description The secret of the feed, and `.ics`. */
        file: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The calendar. */
      200: {
        headers: {
          /** @description Search engines are to forget it. */
          'X-Robots-Tag'?: 'noindex';
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'text/calendar': string;
        };
      };
      304: components['responses']['NotModified'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `calendar_feed_not_found`: There is no such calendar feed. */
      404: components['responses']['404'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Groups_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Only groups of this instance. */
        instance_id?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            groups: components['schemas']['GroupResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Groups_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The group. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            group: components['schemas']['GroupDetailResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `group_not_found`: There is no group with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Uploads_upload: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'multipart/form-data': {
          /** Format: binary */
          file: Blob;
        };
      };
    };
    responses: {
      /** @description The file is stored. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            media: components['schemas']['UploadResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `idempotency_key_reused`: The idempotency key was used for another call.
       *     - `media_quota_exceeded`: The organization keeps as many bytes of media as it may.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description - `media_disk_full`: There is no room for the file at present.
       *     - `media_store_unavailable`: The store of the files can not be reached at present.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Notes_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
        /** @description Only notes written to this contact. */
        contact_id?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page; shorter than `limit` where its texts are long. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            notes: components['schemas']['NoteResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Notes_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NoteTextDto'];
      };
    };
    responses: {
      /** @description The note; `ETag` names this state of it. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NoteAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `contact_not_found`: There is no contact with this id.
       *     - `note_not_found`: There is no note with this id.
       */
      404: components['responses']['404'];
      /**
       * @description - `organization_closed`: The organization is closed.
       *     - `contact_being_erased`: The contact is being erased.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Notes_get: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The note; `ETag` names this state of it. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NoteAnswer'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `note_not_found`: There is no note with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Notes_delete: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description The `ETag` that was read: nothing is changed where somebody else was first. */
        'If-Match'?: string;
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is deleted. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Success'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      /**
       * @description `note_of_another`: The note is of somebody else.
       *
       *     Or as in every call.
       */
      403: components['responses']['403'];
      /** @description `note_not_found`: There is no note with this id. */
      404: components['responses']['404'];
      /** @description `note_of_phone`: The note was written on the phone, and is changed there. */
      409: components['responses']['409'];
      /** @description `changed_meanwhile`: Somebody else changed it since it was read. */
      412: components['responses']['412'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Notes_change: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` that was read: nothing is changed where somebody else was first. */
        'If-Match'?: string;
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NoteTextDto'];
      };
    };
    responses: {
      /** @description The note as it is now; `ETag` names this state of it. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NoteAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      /**
       * @description `note_of_another`: The note is of somebody else.
       *
       *     Or as in every call.
       */
      403: components['responses']['403'];
      /** @description `note_not_found`: There is no note with this id. */
      404: components['responses']['404'];
      /** @description `note_of_phone`: The note was written on the phone, and is changed there. */
      409: components['responses']['409'];
      /** @description `changed_meanwhile`: Somebody else changed it since it was read. */
      412: components['responses']['412'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            webhooks: components['schemas']['WebhookResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateWebhookDto'];
      };
    };
    responses: {
      /** @description The webhook, with its secret. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedWebhookAnswer'];
        };
      };
      /**
       * @description `url_not_allowed`: The URL must lead to a public address.
       *
       *     Or as in every call.
       */
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `instance_not_found`: There is no instance with this id.
       *     - `webhook_not_found`: There is no webhook with this id.
       */
      404: components['responses']['404'];
      /**
       * @description - `organization_closed`: The organization is closed.
       *     - `too_many_webhooks`: The organization has 20 webhooks already, which is the most that it may have.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The webhook. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookAnswer'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `webhook_not_found`: There is no webhook with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deleted: nothing more is sent. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `webhook_not_found`: There is no webhook with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateWebhookDto'];
      };
    };
    responses: {
      /** @description The webhook. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookAnswer'];
        };
      };
      /**
       * @description `url_not_allowed`: The URL must lead to a public address.
       *
       *     Or as in every call.
       */
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `webhook_not_found`: There is no webhook with this id.
       *     - `instance_not_found`: There is no instance with this id.
       */
      404: components['responses']['404'];
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_rotateSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['RotateSecretDto'];
      };
    };
    responses: {
      /** @description The webhook, with its new secret. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedWebhookAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `webhook_not_found`: There is no webhook with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_test: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How it went, whatever that is. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            test: components['schemas']['WebhookTestResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `webhook_not_found`: There is no webhook with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_resume: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['ResumeWebhookDto'];
      };
    };
    responses: {
      /** @description The webhook. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `webhook_not_found`: There is no webhook with this id. */
      404: components['responses']['404'];
      /** @description `organization_closed`: The organization is closed. */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_redrive: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RedriveWebhookDto'];
      };
    };
    responses: {
      /** @description The webhook. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `webhook_not_found`: There is no webhook with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      /** @description `events_expired`: Events after this one are not kept any more. */
      410: components['responses']['410'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Webhooks_listDeliveries: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        status?: 'pending' | 'delivered' | 'failed';
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            deliveries: components['schemas']['DeliveryResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `webhook_not_found`: There is no webhook with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Organizations_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page; closed ones, too. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            organizations: components['schemas']['OrganizationResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Organizations_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateOrganizationDto'];
      };
    };
    responses: {
      /** @description Created. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrganizationAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_exists`: There is an organization with this id already.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Organizations_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The organization. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrganizationAnswer'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Organizations_close: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Closed. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      /** @description Closed; devices are still linked: `logouts` shows them, 100 at most, and whether logging them out goes on by itself. May be called again: 200 means that none is left. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            logouts: components['schemas']['LogoutResponse'][];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Organizations_rename: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RenameOrganizationDto'];
      };
    };
    responses: {
      /** @description The organization as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrganizationAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Members_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page, by user id. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            members: components['schemas']['MemberResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Members_put: {
    parameters: {
      query?: {
        /** @description What becomes of the keys made by whoever goes, or may do less: they end, or stay. */
        keys?: components['parameters']['Keys'];
      };
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
        userId: components['parameters']['UserId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PutMemberDto'];
      };
    };
    responses: {
      /** @description The member as it is now, with the keys that the member made. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            member: components['schemas']['MemberResponse'];
            revoked_keys: components['schemas']['ApiKeyResponse'][];
            kept_keys: components['schemas']['ApiKeyResponse'][];
          };
        };
      };
      /** @description The user is asked. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            invitation: components['schemas']['InvitationResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      /**
       * @description - `role_not_held`: Nobody gives a role that may do more than they may themselves.
       *     - `expiry_not_held`: Nothing that a key with an end makes outlives it.
       *
       *     Or as in every call.
       */
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      /**
       * @description - `last_owner`: The organization would have no owner.
       *     - `organization_closed`: The organization is closed.
       *     - `too_many_members`: The organization has 1000 members already, which is the most that it may have.
       *     - `invitation_declined`: The user declined, and can be asked again once that invitation expires.
       *     - `too_many_invitations`: The organization has 100 invitations already, which is the most that it may have.
       *     - `user_has_too_many_invitations`: The user has 20 invitations to answer already, which is the most that there may be.
       *     - `api_key_in_use`: A key does not end itself.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Members_remove: {
    parameters: {
      query?: {
        /** @description What becomes of the keys made by whoever goes, or may do less: they end, or stay. */
        keys?: components['parameters']['Keys'];
      };
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
        userId: components['parameters']['UserId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Removed, with the keys that the member made. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['KeysLeftAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_not_found`: There is no organization with this id.
       *     - `member_not_found`: The user is not a member of this organization.
       */
      404: components['responses']['404'];
      /**
       * @description - `last_owner`: The organization would have no owner.
       *     - `api_key_in_use`: A key does not end itself.
       */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Invitations_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            invitations: components['schemas']['InvitationResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Invitations_withdraw: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
        invitationId: components['parameters']['InvitationId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Withdrawn. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            invitation: components['schemas']['InvitationResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_not_found`: There is no organization with this id.
       *     - `invitation_not_found`: There is no invitation with this id that waits for an answer.
       */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Me_me: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The caller. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            me: components['schemas']['MeResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Me_list: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All that wait for an answer. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            invitations: components['schemas']['MyInvitationResponse'][];
          };
        };
      };
      304: components['responses']['NotModified'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Me_accept: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The user is a member now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            invitation: components['schemas']['MyInvitationResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `invitation_not_found`: There is no invitation with this id that waits for an answer. */
      404: components['responses']['404'];
      /**
       * @description - `organization_closed`: The organization is closed.
       *     - `too_many_members`: The organization has 1000 members already, which is the most that it may have.
       */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Me_decline: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Declined. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            invitation: components['schemas']['MyInvitationResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `invitation_not_found`: There is no invitation with this id that waits for an answer. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Me_leave: {
    parameters: {
      query?: {
        /** @description What becomes of the keys made by whoever goes, or may do less: they end, or stay. */
        keys?: components['parameters']['Keys'];
      };
      header?: never;
      path: {
        organizationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Left, with the keys that the user made. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['KeysLeftAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `member_not_found`: The user is not a member of this organization. */
      404: components['responses']['404'];
      /** @description `last_owner`: The organization would have no owner. */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  ApiKeys_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page; those that may no longer be used, too. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKeysPage'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  ApiKeys_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateApiKeyDto'];
      };
    };
    responses: {
      /** @description The key, shown once. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedKeyAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      /**
       * @description - `scope_not_held`: A key may do nothing that whoever makes it may not.
       *     - `expiry_not_held`: Nothing that a key with an end makes outlives it.
       *
       *     Or as in every call.
       */
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      /**
       * @description - `organization_closed`: The organization is closed.
       *     - `too_many_api_keys`: The organization has 100 API keys already, which is the most that it may have.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  ApiKeys_rotate: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
        keyId: components['parameters']['KeyId'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['RotateApiKeyDto'];
      };
    };
    responses: {
      /** @description The new key, shown once. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedKeyAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      /**
       * @description - `scope_not_held`: A key may do nothing that whoever makes it may not.
       *     - `expiry_not_held`: Nothing that a key with an end makes outlives it.
       *
       *     Or as in every call.
       */
      403: components['responses']['403'];
      /**
       * @description - `organization_not_found`: There is no organization with this id.
       *     - `api_key_not_found`: There is no API key with this id.
       */
      404: components['responses']['404'];
      /**
       * @description - `api_key_not_usable`: The key is revoked, past its end or rotated already.
       *     - `api_key_in_use`: A key does not end itself.
       *     - `organization_closed`: The organization is closed.
       *     - `too_many_api_keys`: The organization has 100 API keys already, which is the most that it may have.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  ApiKeys_revoke: {
    parameters: {
      query?: {
        /** @description What becomes of the keys made by whoever goes, or may do less: they end, or stay. */
        keys?: components['parameters']['Keys'];
      };
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
        keyId: components['parameters']['KeyId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Revoked, with the keys that it made. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['KeysLeftAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /**
       * @description - `organization_not_found`: There is no organization with this id.
       *     - `api_key_not_found`: There is no API key with this id.
       */
      404: components['responses']['404'];
      /** @description `api_key_in_use`: A key does not end itself. */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  AdminApiKeys_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKeysPage'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  AdminApiKeys_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateAdminApiKeyDto'];
      };
    };
    responses: {
      /** @description The key, shown once. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedKeyAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `idempotency_key_reused`: The idempotency key was used for another call. */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  AdminApiKeys_rotate: {
    parameters: {
      query?: never;
      header?: {
        /** @description Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`. */
        'Idempotency-Key'?: string;
      };
      path: {
        keyId: components['parameters']['KeyId'];
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['RotateApiKeyDto'];
      };
    };
    responses: {
      /** @description The new key, shown once. */
      200: {
        headers: {
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuedKeyAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `api_key_not_found`: There is no API key with this id. */
      404: components['responses']['404'];
      /**
       * @description - `api_key_not_usable`: The key is revoked, past its end or rotated already.
       *     - `idempotency_key_reused`: The idempotency key was used for another call.
       */
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  AdminApiKeys_revoke: {
    parameters: {
      query?: {
        /** @description What becomes of the keys that it made: those of the whole service end, all of them stay, or those of organizations end, too. */
        keys?: 'revoke' | 'keep' | 'all';
      };
      header?: never;
      path: {
        keyId: components['parameters']['KeyId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Revoked, with the keys that it made; a hundred of each at most. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['KeysLeftAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `api_key_not_found`: There is no API key with this id. */
      404: components['responses']['404'];
      /** @description `api_key_in_use`: A key does not end itself. */
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Settings_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The settings, or the defaults; `ETag` names this state of them. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SettingsAnswer'];
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Settings_change: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` that was read: nothing is changed where somebody else was first. */
        'If-Match'?: string;
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateSettingsDto'];
      };
    };
    responses: {
      /** @description The settings as they are now; `ETag` names this state of them. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SettingsAnswer'];
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      /** @description `organization_closed`: The organization is closed. */
      409: components['responses']['409'];
      /** @description `changed_meanwhile`: Somebody else changed it since it was read. */
      412: components['responses']['412'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  ContactRights_export: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: never;
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The file. */
      200: {
        headers: {
          /** @description That it is to be saved, and its name. */
          'Content-Disposition'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `contact_not_found`: There is no contact with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      /**
       * @description `too_many_exports`: As many exports are being read as may be.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Erasures_list: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            erasures: components['schemas']['ErasureResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Erasures_get: {
    parameters: {
      query?: {
        /** @description Required, unless the token belongs to one organization. */
        organization_id?: components['parameters']['OrganizationId'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The receipt. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            receipt: components['schemas']['ErasureResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `erasure_not_found`: There is no receipt with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Retention_get: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The settings, or the defaults. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            retention: components['schemas']['RetentionResponse'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Retention_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['parameters']['OrganizationIdInPath'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateRetentionDto'];
      };
    };
    responses: {
      /** @description The settings as they are now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            retention: components['schemas']['RetentionResponse'];
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `organization_not_found`: There is no organization with this id. */
      404: components['responses']['404'];
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Admin_getQueueStats: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QueueStatsResponse'];
        };
      };
      304: components['responses']['NotModified'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  InboxRedrive_redrive: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['RedriveDto'];
      };
    };
    responses: {
      /** @description Set to pending. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            /**
             * @description How many were set to pending.
             * @example 3
             */
            redriven: number;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Operations_nodes: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All of them. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            nodes: components['schemas']['NodeResponse'][];
          };
        };
      };
      304: components['responses']['NotModified'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Operations_leases: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            leases: components['schemas']['LeaseResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Operations_dead: {
    parameters: {
      query?: {
        limit?: components['parameters']['Limit'];
        /** @description `next_cursor` or `previous_cursor` of another page, with the same filters; opaque. */
        cursor?: components['parameters']['Cursor'];
        /** @description Only this organization. */
        organization_id?: string;
        /** @description Only this instance. */
        instance_id?: string;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            dead: components['schemas']['DeadMessageResponse'][];
            next_cursor: components['schemas']['NextCursor'];
            previous_cursor: components['schemas']['PreviousCursor'];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Operations_throughput: {
    parameters: {
      query?: {
        /** @description How many minutes, up to now. */
        minutes?: number;
      };
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Each minute, the oldest first; the last one is not over. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
            /** @description Of a number or an organization there was more than is looked at: the newest 20,000. */
            is_capped: boolean;
            minutes: components['schemas']['MinuteResponse'][];
          };
        };
      };
      304: components['responses']['NotModified'];
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      409: components['responses']['409'];
      429: components['responses']['429'];
      500: components['responses']['500'];
      503: components['responses']['503'];
    };
  };
  Health_getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HealthResponse'];
        };
      };
      /** @description `host_not_allowed`: An open service answers to local names only. */
      403: components['responses']['403'];
    };
  };
  Health_getLiveness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HealthResponse'];
        };
      };
      /** @description `host_not_allowed`: An open service answers to local names only. */
      403: components['responses']['403'];
    };
  };
  Health_getReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ready, or degraded: something is away, such as the worker or the store for files, and what needs it waits safely. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReadinessResponse'];
        };
      };
      /** @description `host_not_allowed`: An open service answers to local names only. */
      403: components['responses']['403'];
      /** @description The database is away, or stopping. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReadinessResponse'];
        };
      };
    };
  };
  SignIn_password: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PasswordDto'];
      };
    };
    responses: {
      /** @description Signed in. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UserSessionAnswer'];
        };
      };
      400: components['responses']['400'];
      /**
       * @description `sign_in_refused`: Nobody was signed in.
       *
       *     Or as in every call.
       */
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `sign_in_not_offered`: This service signs no users in. */
      404: components['responses']['404'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /**
       * @description `sign_in_limited`: The provider of users wants to be asked less often.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description `sign_in_unavailable`: Users can not be signed in at the moment.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  SignIn_magicLink: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['MagicLinkDto'];
      };
    };
    responses: {
      /** @description A link is on its way, if the address is a user’s. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      400: components['responses']['400'];
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `sign_in_not_offered`: This service signs no users in. */
      404: components['responses']['404'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /**
       * @description `sign_in_limited`: The provider of users wants to be asked less often.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description `sign_in_unavailable`: Users can not be signed in at the moment.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  SignIn_refresh: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RefreshDto'];
      };
    };
    responses: {
      /** @description Signed in. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UserSessionAnswer'];
        };
      };
      400: components['responses']['400'];
      /**
       * @description `sign_in_refused`: Nobody was signed in.
       *
       *     Or as in every call.
       */
      401: components['responses']['401'];
      403: components['responses']['403'];
      /** @description `sign_in_not_offered`: This service signs no users in. */
      404: components['responses']['404'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /**
       * @description `sign_in_limited`: The provider of users wants to be asked less often.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description `sign_in_unavailable`: Users can not be signed in at the moment.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  SignIn_signOut: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ended. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            success: true;
          };
        };
      };
      401: components['responses']['401'];
      403: components['responses']['403'];
      413: components['responses']['413'];
      415: components['responses']['415'];
      /**
       * @description `sign_in_limited`: The provider of users wants to be asked less often.
       *
       *     Or as in every call.
       */
      429: components['responses']['429'];
      500: components['responses']['500'];
      /**
       * @description `sign_in_unavailable`: Users can not be signed in at the moment.
       *
       *     Or as in every call.
       */
      503: components['responses']['503'];
    };
  };
  Console_facts: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the answer that the caller has. */
        'If-None-Match'?: components['parameters']['IfNoneMatch'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ConsoleResponse'];
        };
      };
      304: components['responses']['NotModified'];
      /** @description `host_not_allowed`: An open service answers to local names only. */
      403: components['responses']['403'];
    };
  };
}
