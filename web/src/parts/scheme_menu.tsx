import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";

const schemes = ["auto", "light", "dark"] as const;
const names: Record<MantineColorScheme, string> = { auto: "As the system has it", light: "Light", dark: "Dark" };
const icons: Record<MantineColorScheme, typeof IconSun> = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };

/** Chooses light or dark; the library keeps the choice in the browser. */
export function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Now = icons[colorScheme];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Colours: ${names[colorScheme]}`}>
          <Now size={20} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
          {schemes.map((scheme) => {
            const Icon = icons[scheme];
            return (
              <Menu.RadioItem
                key={scheme}
                value={scheme}
                closeMenuOnClick
                rightSection={<Icon size={17} stroke={1.7} aria-hidden />}
              >
                {names[scheme]}
              </Menu.RadioItem>
            );
          })}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
