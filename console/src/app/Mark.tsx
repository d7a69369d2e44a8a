/** The sign of the product. @param size in px at the usual size of text */
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg
      width={`${size / 16}rem`}
      height={`${size / 16}rem`}
      viewBox="0 0 64 64"
      aria-hidden
      focusable="false"
    >
      <rect width="64" height="64" rx="18" fill="#0b7a5b" />
      <path
        fill="#fff"
        d="M32 13c-11 0-20 7.6-20 17.5 0 5.3 2.6 9.9 6.7 13.100L16.5 52l9.6-4.400c1.9.4 3.9.6 5.9.6 11 0 20-7.7 20-17.700S43 13 32 13z"
      />
      <path
        fill="none"
        stroke="#0b7a5b"
        strokeWidth="4.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        d="m23.5 31 6 6 11.5-12"
      />
    </svg>
  );
}
