import { createTheme, type CSSVariablesResolver } from "@mantine/core";

/** The page's looks; colours that carry meaning stand in parts/state_badge.tsx. */
export const theme = createTheme({
  primaryColor: "cyan",
  primaryShade: 9,
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: "650" },
  components: {
    // What the library leaves without a name, or with a role that holds what it may not.
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
  },
  colors: {
    // A cool slate: pictures look better on it than on plain grey.
    dark: [
      "#ccd4d9",
      "#b3bec5",
      "#93a0a8",
      "#6b7780",
      "#47535c",
      "#38434c",
      "#2b353d",
      "#1d252b",
      "#161c21",
      "#0f1418",
    ],
  },
});

/** Colours of text that the library has too pale to be read with ease (WCAG 2.2 asks for 4.5:1). */
export const readableColors: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "var(--mantine-color-gray-7)",
    "--mantine-color-placeholder": "var(--mantine-color-gray-6)",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    // Those of light buttons are read on the darker ground that a button has under the mouse, too.
    "--mantine-color-cyan-light-color": "#095c6b",
    "--mantine-color-red-light-color": "#a51d1d",
    "--mantine-color-teal-light-color": "#06634a",
    "--mantine-color-yellow-light-color": "#7a4600",
    "--mantine-color-orange-light-color": "#8f3a00",
    "--creel-page": "#f5f8f9",
    "--creel-stored": "var(--mantine-color-teal-7)",
    "--creel-failed": "var(--mantine-color-red-7)",
    "--creel-bytes": "var(--mantine-color-indigo-6)",
    "--creel-grid": "var(--mantine-color-gray-3)",
  },
  dark: {
    "--mantine-color-dimmed": "var(--mantine-color-dark-1)",
    "--mantine-color-placeholder": "var(--mantine-color-dark-2)",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    "--mantine-color-disabled": "var(--mantine-color-dark-5)",
    "--creel-page": "var(--mantine-color-dark-8)",
    "--creel-stored": "var(--mantine-color-teal-4)",
    "--creel-failed": "var(--mantine-color-red-5)",
    "--creel-bytes": "var(--mantine-color-indigo-3)",
    "--creel-grid": "var(--mantine-color-dark-5)",
  },
});
