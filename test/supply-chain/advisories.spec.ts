import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Advisory, type AuditException, judge, readAdvisories } from './advisories.js';

function advisory(id: string, severity: string, name = 'some-package') {
  return { name, severity, title: 'A fault', url: `https://github.com/advisories/${id}`, source: 1 };
}

const REPORT = JSON.stringify({
  auditReportVersion: 2,
  vulnerabilities: {
    'some-package': {
      name: 'some-package',
      severity: 'high',
      via: [advisory('GHSA-aaaa-bbbb-cccc', 'high'), advisory('GHSA-dddd-eeee-ffff', 'low')],
    },
    dependent: { name: 'dependent', severity: 'high', via: ['some-package'] },
    twice: { name: 'twice', severity: 'high', via: [advisory('GHSA-aaaa-bbbb-cccc', 'high')] },
  },
});

describe('readAdvisories', () => {
  it('takes each advisory once, from moderate on', () => {
    expect(readAdvisories(REPORT)).toEqual([
      {
        id: 'GHSA-aaaa-bbbb-cccc',
        package: 'some-package',
        severity: 'high',
        title: 'A fault',
        url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
      },
    ]);
  });

  it('knows an answer without faults', () => {
    expect(readAdvisories('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual([]);
  });

  it.each(['', 'spawn npm ENOENT', 'null', '{"message":"405 Method Not Allowed","error":{"summary":""}}'])(
    'does not take a failure for an answer: %j',
    (text) => {
      expect(readAdvisories(text)).toBeUndefined();
    },
  );
});

describe('judge', () => {
  const found = [{ id: 'A' }, { id: 'B' }] as Advisory[];
  const excuse = (id: string, until: string): AuditException => ({ id, reason: 'because', until });

  it('excuses what is excepted, up to its last day', () => {
    const exceptions = [excuse('A', '2027-01-31')];
    expect(judge(found, exceptions, '2027-01-31')).toEqual({
      open: [{ id: 'B' }],
      excused: [{ id: 'A' }],
      stale: [],
    });
    expect(judge(found, exceptions, '2027-02-01').open).toEqual(found);
    expect(judge(found, exceptions, '2027-02-01').stale).toEqual(exceptions);
  });

  it('tells of exceptions that nothing needs', () => {
    const exceptions = [excuse('C', '2027-01-31')];
    expect(judge(found, exceptions, '2027-01-01').stale).toEqual(exceptions);
  });
});

describe('the list of exceptions', () => {
  it('gives a reason and an end for each', () => {
    const url = new URL('./audit-exceptions.json', import.meta.url);
    const exceptions = JSON.parse(readFileSync(url, 'utf8')) as AuditException[];
    for (const { id, reason, until } of exceptions) {
      expect(id).toMatch(/^GHSA(-\w{4}){3}$/);
      expect(reason.length).toBeGreaterThan(20);
      expect(until).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    expect(new Set(exceptions.map(({ id }) => id)).size).toBe(exceptions.length);
  });
});
