"""What the examples need of curl, for machines that have none: `curl URL -H HEADER -d BODY` prints the answer."""

import argparse
import sys

import requests

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("-H", dest="headers", action="append", default=[])
parser.add_argument("-d", dest="body")
asked = parser.parse_args()
headers = dict(header.split(": ", 1) for header in asked.headers)
answer = requests.request("POST" if asked.body else "GET", asked.url, data=asked.body, headers=headers, timeout=30)
sys.stdout.write(answer.text)
