"""When something is first seen of the portfolio on a slow line and a slow processor."""

from typing import Any

from compliance.settings import Settings
from tests.chromium import launched
from tests.e2e.web_form import serving_beside

BYTES_A_SECOND = 400_000 // 8
LATENCIES = (400, 2_000)  # milliseconds there and back
SLOWER = 6
PAINTED = (
    "performance.getEntriesByType('paint')"
    ".find(one => one.name === 'first-contentful-paint').startTime"
)


def on_slow_lines(settings: Settings) -> dict[str, Any]:
    """Return the milliseconds to the first paint of the portfolio, by latency."""
    told: dict[str, Any] = {}
    with serving_beside(settings) as url, launched() as browser:
        for latency in LATENCIES:
            context = browser.new_context(viewport={"width": 390, "height": 844})
            page = context.new_page()
            page.goto(f"{url}/sign-in")
            page.fill("#email", "analyst@example.org")
            page.fill("#password", "a line that is slow")
            page.press("#password", "Enter")
            page.wait_for_url(f"{url}/")
            line = context.new_cdp_session(page)
            line.send("Network.enable")
            line.send("Network.clearBrowserCache")
            line.send(
                "Network.emulateNetworkConditions",
                {
                    "offline": False,
                    "latency": latency,
                    "downloadThroughput": BYTES_A_SECOND,
                    "uploadThroughput": BYTES_A_SECOND,
                },
            )
            line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            page.goto(f"{url}/portfolio", wait_until="load", timeout=120_000)
            told[f"first paint at {latency} ms"] = round(page.evaluate(PAINTED))
            context.close()
    return told
