import "@/mantine.css";
import "@mantine/notifications/styles.css";
import "@/page.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/app";
import { takeTokenFromAddress } from "@/api/session";
import { makeQueryClient } from "@/api/queries";
import { styleNonce } from "@/nonce";
import { readableColors, theme } from "@/theme";

// Before anything else can see or send the address.
const token = takeTokenFromAddress();

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readableColors}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={makeQueryClient()}>
        <Notifications position="bottom-right" />
        <App tokenFromLink={token} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
