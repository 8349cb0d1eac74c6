"""How tests start the system's Chromium: all that a page needs, no more of the window around it."""

from playwright.sync_api import Browser, BrowserType

# Playwright's own list: Chromium heeds only the last one that it is given.
_WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
# Every window loads pages of its own for the address bar's suggestions, and keeps a process for the
# next site: together they take longer than a page of the shop.
_WINDOW = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess")
_QUIET = (
    "--no-sandbox",  # Chromium refuses its sandbox to root, which containers run as
    "--disable-gpu",
    f"--disable-features={','.join(_WITHOUT + _WINDOW)}",
)


def launched(chromium: BrowserType, path: str | None, cameras: int, *options: str) -> Browser:
    """Start it with so many cameras, which pages must be allowed."""
    camera = f"--use-fake-device-for-media-stream=device-count={cameras}"
    return chromium.launch(executable_path=path, args=[*_QUIET, camera, *options])
