// The map of a list of sites, as a reader asks for it: boundaries and points of our own,
// and nothing from elsewhere. The list below it says the same without it.

const BY_ITSELF_FROM = 640; // pixels; on a phone the reader decides
const LEVELS = ["high", "unknown", "medium", "low"]; // the worst first: no data is not low
const BOUNDARIES = "/static/map/boundaries/";

const prepared = new WeakSet();
let isWished = false; // a map that is shown stays so when its list is made anew

prepareAll();
document.addEventListener("htmx:after:swap", prepareAll);

function prepareAll() {
  for (const place of document.querySelectorAll("[data-map]")) {
    if (!prepared.has(place)) prepare(place);
  }
}

function prepare(place) {
  prepared.add(place);
  const told = place.querySelector("[data-map-told]");
  const button = place.querySelector("[data-map-show]");
  if (!document.createElement("canvas").getContext("webgl2")) {
    told.textContent = place.dataset.textNoWebgl;
    return;
  }
  told.textContent = place.dataset.textWaits;
  button.hidden = false;
  let asked = false;
  const begin = async () => {
    if (asked) return;
    asked = isWished = true;
    button.hidden = true;
    told.textContent = place.dataset.textLoads;
    try {
      await show(place);
      told.parentElement.hidden = true;
    } catch (problem) {
      console.warn(problem);
      asked = false;
      button.hidden = false;
      told.textContent = place.dataset.textFailed;
    }
  };
  button.addEventListener("click", begin);
  if (isWished) {
    begin();
    return;
  }
  const line = navigator.connection;
  const isPoor = line && (line.saveData || !["4g", undefined].includes(line.effectiveType));
  if (place.clientWidth < BY_ITSELF_FROM || isPoor) return;
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watcher.disconnect();
    begin();
  });
  watcher.observe(place);
}

async function show(place) {
  const known = place.dataset;
  const [library] = await Promise.all([import(known.library), styled(known.css)]);
  library.setWorkerUrl(new URL(known.worker, location.href).href);
  library.setWorkerCount(1);
  const first = await points(place, null, 0);
  const map = new library.Map({
    container: place.querySelector("[data-map-canvas]"),
    style: styleOf(place),
    ...beginning(first, known.countries),
    maxZoom: 16,
    renderWorldCopies: false,
    attributionControl: false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    locale: {
      "Map.Title": known.label,
      "NavigationControl.ZoomIn": known.textZoomIn,
      "NavigationControl.ZoomOut": known.textZoomOut,
      "Popup.Close": known.textClose,
      "CooperativeGesturesHandler.WindowsHelpText": known.textWheel,
      "CooperativeGesturesHandler.MacHelpText": known.textWheel,
      "CooperativeGesturesHandler.MobileHelpText": known.textFingers,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  await map.once("load");
  follow(place, library, map);
}

function beginning(first, countries) {
  const box = first.bbox ?? HOMES[countries.split(",")[0]] ?? [-120, -45, 60, 60];
  return { bounds: box, fitBoundsOptions: { padding: 48, maxZoom: 10 } };
}

// Where to begin while no site has a point yet.
const HOMES = { CO: [-79, -4.3, -66.8, 12.5], EC: [-81.1, -5, -75.2, 1.5] };

function follow(place, library, map) {
  const markers = new Map();
  let last = null;
  const renew = async () => {
    last?.abort();
    last = new AbortController();
    const view = map.getBounds();
    const box = [
      Math.max(-180, view.getWest()),
      Math.max(-90, view.getSouth()),
      Math.min(180, view.getEast()),
      Math.min(90, view.getNorth()),
    ].map((one) => one.toFixed(5));
    try {
      const found = await points(place, box, Math.floor(map.getZoom()), last.signal);
      replace(place, library, map, markers, found.features);
      place.dataset.shown = found.features.length;
    } catch (problem) {
      if (problem.name !== "AbortError") console.warn(problem);
    }
  };
  map.on("moveend", renew);
  const stopped = new AbortController();
  const unlessGone = () => {
    if (place.isConnected) return renew();
    stopped.abort();
    map.remove();
  };
  addEventListener("popstate", unlessGone, { signal: stopped.signal });
  document.addEventListener("htmx:after:history:push", unlessGone, { signal: stopped.signal });
  document.addEventListener("htmx:after:swap", unlessGone, { signal: stopped.signal });
  renew();
}

async function points(place, box, zoom, signal) {
  const address = new URL(place.dataset.points, location.href);
  // The filters of a list live in its page's address.
  if (!place.dataset.points.includes("?")) address.search = location.search;
  address.searchParams.set("zoom", zoom);
  if (box) address.searchParams.set("bbox", box.join(","));
  const answer = await fetch(address, { signal, headers: { Accept: "application/geo+json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function replace(place, library, map, markers, features) {
  const wanted = new Map(features.map((one) => [keyOf(one), one]));
  for (const [key, marker] of markers) {
    if (wanted.has(key)) continue;
    marker.remove();
    markers.delete(key);
  }
  for (const [key, feature] of wanted) {
    if (markers.has(key)) continue;
    const element = button(place, feature);
    const marker = new library.Marker({ element }).setLngLat(feature.geometry.coordinates);
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      open(place, library, map, feature, element);
    });
    marker.addTo(map);
    element.setAttribute("aria-label", sentence(place, feature.properties));
    element.setAttribute("role", "button");
    markers.set(key, marker);
  }
}

const keyOf = (feature) => JSON.stringify([feature.geometry.coordinates, feature.properties]);

const worst = (counts) => LEVELS.find((level) => counts[level] > 0) ?? "unknown";

function button(place, feature) {
  const counts = feature.properties;
  const made = document.createElement("button");
  made.type = "button";
  const size = counts.count === 1 ? 1 : counts.count < 10 ? 2 : counts.count < 100 ? 3 : 4;
  made.className = `map-point ${worst(counts)} size-${size}`;
  const label = document.createElement("span");
  label.textContent = counts.count === 1 ? "" : short(place, counts.count);
  made.append(label);
  return made;
}

const short = (place, count) =>
  new Intl.NumberFormat(document.documentElement.lang, { notation: count < 1e4 ? "standard" : "compact" }).format(count);

function sentence(place, counts) {
  const parts = LEVELS.filter((level) => counts[level] > 0).map(
    (level) => `${place.dataset[level]}: ${counts[level]}`,
  );
  return `${counts.name ?? `${place.dataset.textSites}: ${counts.count}`}. ${parts.join(", ")}`;
}

function open(place, library, map, feature, element) {
  const counts = feature.properties;
  const told = document.createElement("div");
  told.className = "map-told";
  const title = told.appendChild(document.createElement("p"));
  title.className = "map-title";
  if (counts.site) {
    const link = title.appendChild(document.createElement("a"));
    link.href = place.dataset.sites + encodeURIComponent(counts.site);
    link.textContent = counts.name;
  } else {
    title.textContent = `${place.dataset.textSites}: ${counts.count}`;
  }
  const list = told.appendChild(document.createElement("ul"));
  for (const level of LEVELS.filter((one) => counts[one] > 0)) {
    const line = list.appendChild(document.createElement("li"));
    const mark = line.appendChild(document.createElement("span"));
    mark.className = `level ${level}`;
    mark.textContent = place.dataset[level];
    if (!counts.site) line.append(` ${counts[level]}`);
  }
  const popup = new library.Popup({ offset: 14, maxWidth: "16rem", focusAfterOpen: true });
  if (!counts.site && map.getZoom() < map.getMaxZoom()) {
    const nearer = told.appendChild(document.createElement("button"));
    nearer.type = "button";
    nearer.className = "second";
    nearer.textContent = place.dataset.textNearer;
    nearer.addEventListener("click", () => {
      popup.remove();
      const [west, south, east, north] = feature.bbox;
      const isSpread = east - west > 1e-4 || north - south > 1e-4;
      if (isSpread) map.fitBounds(feature.bbox, { padding: 64, maxZoom: 16 });
      else map.easeTo({ center: feature.geometry.coordinates, zoom: Math.max(8, map.getZoom() + 3) });
      map.getCanvas().focus();
    });
  }
  popup.setLngLat(feature.geometry.coordinates).setDOMContent(told).addTo(map);
  popup.on("close", () => element.isConnected && element.focus());
}

function styleOf(place) {
  const tokens = getComputedStyle(document.documentElement);
  const token = (name) => tokens.getPropertyValue(name).trim();
  const countries = place.dataset.countries.split(",").filter((code) => /^[A-Z]{2}$/.test(code));
  const lines = (id, color, width) => ({
    id: `${id}-lines`,
    type: "line",
    source: id,
    paint: { "line-color": color, "line-width": width },
  });
  const source = (name) => ({
    type: "geojson",
    data: new URL(`${BOUNDARIES}${name}.geojson`, location.href).href,
  });
  return {
    version: 8,
    sources: Object.fromEntries(["world", ...countries].map((name) => [name, source(name)])),
    layers: [
      { id: "sea", type: "background", paint: { "background-color": token("--map-sea") } },
      { id: "land", type: "fill", source: "world", paint: { "fill-color": token("--map-land") } },
      lines("world", token("--map-line"), 0.75),
      ...countries.flatMap((name) => [
        { id: `${name}-land`, type: "fill", source: name, paint: { "fill-color": token("--map-home") } },
        lines(name, token("--map-line"), 1.5),
      ]),
    ],
  };
}

function styled(address) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.addEventListener("load", resolve);
    link.addEventListener("error", reject);
    document.head.append(link);
  });
}
