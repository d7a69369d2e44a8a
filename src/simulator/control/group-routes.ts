import type { Phone } from '../phones/phone.js';
import type { Group } from '../server/group.js';
import { ControlError } from './control-error.js';
import type { RouteCall } from './route.js';

/** Makes a group; the first of its members created it. */
export function addGroup(call: RouteCall): unknown {
  return groupView(call.simulator.addGroup(call.input.text('subject'), phonesIn(call, 'members')));
}

/** All groups. */
export function groups({ simulator }: RouteCall): unknown {
  return { groups: simulator.groups.map(groupView) };
}

/** Renames a group, or changes who is in it and what they may do. */
export function changeGroup(call: RouteCall): unknown {
  const { simulator, params, input } = call;
  const group = simulator.group(params['id'] ?? '');
  if (!group) {
    throw new ControlError(404, 'not-found', `no group ${params['id']}`);
  }
  const [by] = phonesIn(call, 'by');
  const what = input.oneOf('change', ['subject', 'add', 'remove', 'promote', 'demote'] as const);
  if (!by || !what) {
    throw new ControlError(400, 'invalid-input', 'by and change are needed');
  }
  if (what === 'subject') {
    group.renames(by, input.text('subject'));
  } else {
    const change = { add: 'adds', remove: 'removes', promote: 'promotes', demote: 'demotes' } as const;
    group[change[what]](by, ...phonesIn(call, 'members'));
  }
  return groupView(group);
}

/** Phones by their numbers, which are separated by commas. */
function phonesIn({ simulator, input }: RouteCall, field: string): Phone[] {
  return input
    .text(field)
    .split(',')
    .map((number) => {
      const phone = simulator.phone(number.trim());
      if (!phone) {
        throw new ControlError(404, 'not-found', `no phone ${number}`);
      }
      return phone;
    });
}

function groupView({ id, subject, members, admins }: Group): unknown {
  return {
    id,
    subject,
    members: members.map(({ number }) => number),
    admins: [...admins].map(({ number }) => number),
  };
}
