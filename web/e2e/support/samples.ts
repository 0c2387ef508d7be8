import type { NewImage } from "./backend";
import type { Origin } from "./origin";

/** Pictures of examples/samples, with titles as people give them. */
export const samples = [
  { path: "landscapes/dawn.jpg", title: "Dawn over the ridge", by: "Ann Lindqvist" },
  { path: "shapes/sunflower.jpg", title: "Sunflower spiral", by: "Tomoko Abe" },
  { path: "aquarium/reef.jpg", title: "The reef at noon", by: "Ann Lindqvist" },
  { path: "clouds/nebula.jpg", title: "Nebula in violet", by: "Priya Raman" },
  { path: "landscapes/alps.webp", title: "Alps, north side", by: "Jonas Keller" },
  { path: "shapes/rosette.png", title: "Rosette", by: "Tomoko Abe" },
  { path: "aquarium/shoal.avif", title: "A shoal turns", by: "Ann Lindqvist" },
  { path: "clouds/moss.webp", title: "Moss", by: "Priya Raman" },
  { path: "landscapes/autumn.jpg", title: "Autumn by the lake", by: "Jonas Keller" },
  { path: "aquarium/swimming.gif", title: "Swimming", by: "Ann Lindqvist" },
  { path: "drawings/fish.svg", title: "Fish, drawn", by: "Tomoko Abe" },
  { path: "landscapes/night.avif", title: "Night", by: "Jonas Keller" },
  { path: "shapes/tunnel.jpg", title: "Tunnel", by: "Tomoko Abe" },
  { path: "clouds/embers.jpg", title: "Embers", by: "Priya Raman" },
  { path: "landscapes/mist.webp", title: "Mist between pines", by: "Jonas Keller" },
  { path: "aquarium/lagoon.webp", title: "Lagoon", by: "Ann Lindqvist" },
  { path: "shapes/bokeh.webp", title: "Lights, out of focus", by: "Tomoko Abe" },
  { path: "landscapes/dusk.jpg", title: "Dusk", by: "Jonas Keller" },
  { path: "clouds/ocean.avif", title: "Ocean from above", by: "Priya Raman" },
  { path: "shapes/waves.png", title: "Waves", by: "Tomoko Abe" },
  { path: "aquarium/deep.jpg", title: "Deep water", by: "Ann Lindqvist" },
  { path: "landscapes/trails.jpg", title: "Star trails", by: "Jonas Keller" },
  { path: "shapes/poster.jpg", title: "Poster", by: "Tomoko Abe" },
  { path: "clouds/dunes.gif", title: "Dunes", by: "Priya Raman" },
];

/** The samples as `POST /images` takes them. */
export function sampleImages(origin: Origin): NewImage[] {
  return samples.map(({ path, title, by }) => ({
    image_url: origin.url(`/samples/${path}`),
    title,
    attribution_name: by,
    attribution_url: "https://example.org/people",
    page_url: `https://example.org/pictures/${path}`,
  }));
}

/** An SVG that does what it can to run a script in whoever shows it. */
export const hostileSvg = `<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="320" height="200" viewBox="0 0 320 200"
  onload="top.strangerRan = true; fetch('/sources')">
  <script>top.strangerRan = true; window.strangerRan = true; document.documentElement.setAttribute("data-ran", "yes")</script>
  <script href="/assets/stranger.js"/>
  <rect width="320" height="200" fill="#146"/>
  <foreignObject width="320" height="200"><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="top.strangerRan = true"/></body></foreignObject>
  <a xlink:href="javascript:top.strangerRan=true"><text x="20" y="100" fill="#fff">press me</text></a>
</svg>
`;
