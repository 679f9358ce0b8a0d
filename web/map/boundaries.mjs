// Makes the outlines of countries that the map ships with, from Natural Earth (public domain).
//
//   node web/map/boundaries.mjs ATLAS CODES FOLDER
//
// ATLAS is the unpacked npm package world-atlas 2.0.2, beside it topojson-client 3.1.0; CODES is
// codes.json of the npm package i18n-iso-countries (MIT): [alpha-2, alpha-3, numeric] of each.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [atlas, codes, folder, client] = process.argv.slice(2);
const { feature } = createRequire(import.meta.url)(client);
const alpha2 = new Map(JSON.parse(readFileSync(codes, "utf8")).map(([two, , numeric]) => [Number(numeric), two]));
const round = (digits) => (value) => (Array.isArray(value) ? value.map(round(digits)) : Number(value.toFixed(digits)));

function outlines(scale) {
  const topology = JSON.parse(readFileSync(join(atlas, `countries-${scale}.json`), "utf8"));
  return feature(topology, topology.objects.countries).features;
}

function write(name, features, digits) {
  const collection = {
    type: "FeatureCollection",
    features: features.map((one) => ({
      type: "Feature",
      properties: {},
      geometry: { type: one.geometry.type, coordinates: round(digits)(one.geometry.coordinates) },
    })),
  };
  writeFileSync(join(folder, `${name}.geojson`), JSON.stringify(collection) + "\n");
}

write("world", outlines("110m"), 1);
for (const one of outlines("50m")) {
  const two = alpha2.get(Number(one.id));
  if (two) {
    write(two, [one], 2);
  }
}
