/** Of the page of events: no font, no picture, nothing to load. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d9dee3, #343b42); --soft: light-dark(#f4f6f8, #1b2025); --link: light-dark(#0b63c5, #7db8ff);
  --good: light-dark(#0b6b3a, #6fd49b); --dim: light-dark(#56606a, #a3adb8); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fff, #111417); color: light-dark(#1a1f24, #e6e9ec);
  display: grid; grid-template: "head head" auto "nav main" 1fr / 18rem minmax(0, 1fr); }
header { grid-area: head; padding: 1rem 1.5rem; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline; }
header h1 { margin: 0; font-size: 1.4rem; }
header p { margin: 0; display: flex; gap: 1rem; }
small, .optional, .format { color: var(--dim); font-size: .85em; font-weight: normal; }
nav { grid-area: nav; border-right: 1px solid var(--line); padding: 1rem 1.5rem; font-size: .9rem; position: sticky; top: 0; max-height: 100vh; overflow: auto; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav ul ul { margin: .25rem 0 .75rem; padding-left: .75rem; }
nav li { padding: .15rem 0; }
nav summary { font-weight: 600; margin-bottom: .5rem; cursor: pointer; }
main { grid-area: main; padding: 1.5rem; max-width: 64rem; }
h2 { margin: 3rem 0 1rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .5rem; }
h4 { margin: 1rem 0 .5rem; }
p { margin: .5rem 0; }
a { color: var(--link); text-underline-offset: .15em; }
code { font: .875em/1.5 ui-monospace, monospace; }
td code { overflow-wrap: anywhere; }
td:first-child code { overflow-wrap: normal; white-space: nowrap; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; overflow: auto; }
.scroll { overflow: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .925rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; }
td p { margin: 0 0 .25rem; }
.tag { font-size: .7rem; font-weight: 600; padding: .1rem .5rem; border: 1px solid currentColor; border-radius: 1rem; vertical-align: middle; color: var(--dim); }
.tag.stored { color: var(--good); }
@media (max-width: 50rem) {
  body { display: block; }
  header, main, nav { padding: 1rem; }
  nav { position: static; max-height: 40vh; border: 0; border-bottom: 1px solid var(--line); }
}
`;
